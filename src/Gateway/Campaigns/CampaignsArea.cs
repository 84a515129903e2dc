using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Campaigns.Results;
using ZohoPlatform.Gateway.Campaigns.Syncs;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.Campaigns;

/// <summary>Contacts, syncs, lists, reports and quotas: CampaignsService's.</summary>
internal static class CampaignsArea
{
    private const string Service = "campaigns";

    extension(IHostApplicationBuilder builder)
    {
        public void AddCampaignsArea()
        {
            builder.AddAreaClient<Registrations.RegistrationsClient>(Service, repeatable: ["GetRegistration", "ListRegistrations"]);
            builder.AddAreaClient<Contacts.ContactsClient>(Service, repeatable: ["ForgetContact"]);
            builder.AddAreaClient<CampaignsSettingsStore.CampaignsSettingsStoreClient>(Service, repeatable: ["GetSettings", "GetQuota"]);
            builder.AddAreaClient<Contracts.Campaigns.V1.Syncs.SyncsClient>(
                Service, repeatable: ["GetSync", "ListSyncs", "WatchSync", "ListSyncContacts", "ExportSyncContacts"]);
            builder.AddAreaClient<CampaignResults.CampaignResultsClient>(
                Service,
                repeatable: ["ListMailingLists", "ListSubscribers", "ListCampaigns", "GetCampaignReport", "ListCampaignRecipients"]);
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapCampaignsArea()
        {
            var campaigns = routes.MapApi().Needs(Service);
            campaigns.MapContacts();
            campaigns.MapSyncs();
            campaigns.MapLists();
            campaigns.MapReports();
            campaigns.MapQuota();
        }
    }
}
