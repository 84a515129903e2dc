using ZohoPlatform.Api.Settings;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Gateway.Rest.ContractValues;

namespace ZohoPlatform.Gateway.Settings;

internal static class SettingsMapping
{
    public const string Zoho = "zoho";
    public const string HubSpot = "hubspot";

    // in the contract's map: the secret of all data centres
    private const string AllDataCentres = "";

    extension(ZohoSettings settings)
    {
        /// <summary>The part that is TokenService's.</summary>
        public Result<UpdateSettingsRequest> ToContract()
        {
            var request = new UpdateSettingsRequest { Provider = Zoho };
            if (settings.ClientId is not null)
            {
                request.ClientId = settings.ClientId;
            }

            if (settings.Region is not null)
            {
                request.Region = settings.Region;
            }

            if (settings.Enabled is { } enabled)
            {
                request.Enabled = enabled;
            }

            if (settings.CrmEnabled is { } crmEnabled)
            {
                request.CrmEnabled = crmEnabled;
            }

            if (settings.OrganizationId is not null)
            {
                request.OrganizationId = settings.OrganizationId;
            }

            if (settings.ApiDomain is not null)
            {
                request.ApiDomain = settings.ApiDomain;
            }

            foreach (var (dataCentre, secret) in settings.ClientSecrets ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            {
                if (string.IsNullOrWhiteSpace(dataCentre))
                {
                    return Failure.InvalidField(
                        "client_secrets", "client_secrets goes by data centre; the secret for all of them is client_secret.");
                }

                request.ClientSecrets[dataCentre] = secret ?? "";
            }

            if (settings.ClientSecret is not null)
            {
                request.ClientSecrets[AllDataCentres] = settings.ClientSecret;
            }

            request.Choose(settings.FeatureConnections);
            return request;
        }
    }

    extension(ZohoSettings settings)
    {
        /// <summary>How conversations are shown in Zoho CRM; null where nothing is said of that.</summary>
        public UpdateMessagingSettingsRequest? ToMessaging()
        {
            var request = new UpdateMessagingSettingsRequest();
            if (settings.DefaultRegion is not null)
            {
                request.DefaultRegion = settings.DefaultRegion;
            }

            if (settings.MessagesModule is not null)
            {
                request.MessagesModule = settings.MessagesModule;
            }

            if (settings.CrmOrganizationId is not null)
            {
                request.CrmOrganizationId = settings.CrmOrganizationId;
            }

            if (settings.DailyNotes is { } dailyNotes)
            {
                request.DailyNotes = dailyNotes;
            }

            if (settings.DialogUrl is not null)
            {
                request.DialogUrl = settings.DialogUrl;
            }

            if (settings.LeadSource is not null)
            {
                request.LeadSource = settings.LeadSource;
            }

            return settings.FirstOfMessaging is null ? null : request;
        }

        /// <summary>The first of them that is said, by its name.</summary>
        public string? FirstOfMessaging => settings switch
        {
            { DefaultRegion: not null } => "default_region",
            { MessagesModule: not null } => "messages_module",
            { CrmOrganizationId: not null } => "crm_organization_id",
            { DailyNotes: not null } => "daily_notes",
            { DialogUrl: not null } => "dialog_url",
            { LeadSource: not null } => "lead_source",
            _ => null,
        };
    }

    extension(HubSpotSettings settings)
    {
        public UpdateSettingsRequest ToContract()
        {
            var request = new UpdateSettingsRequest { Provider = HubSpot };
            if (settings.ClientId is not null)
            {
                request.ClientId = settings.ClientId;
            }

            if (settings.ClientSecret is not null)
            {
                request.ClientSecrets[AllDataCentres] = settings.ClientSecret;
            }

            if (settings.Enabled is { } enabled)
            {
                request.Enabled = enabled;
            }

            request.Choose(settings.FeatureConnections);
            return request;
        }
    }

    extension(IntegrationSettings tokens)
    {
        /// <param name="campaigns">What CampaignsService has of it.</param>
        /// <param name="messaging">What MessagingService has of it; null where there is none.</param>
        public ZohoSettings ToZoho(CampaignsSettings campaigns, MessagingSettings? messaging) => new()
        {
            ClientId = OrNull(tokens.ClientId),
            ClientSecret = tokens.ClientSecrets.GetValueOrDefault(AllDataCentres),
            ClientSecrets = tokens.ClientSecrets
                .Where(entry => entry.Key != AllDataCentres)
                .ToDictionary(entry => entry.Key, entry => (string?)entry.Value, StringComparer.Ordinal),
            Region = OrNull(tokens.Region),
            Enabled = tokens.Enabled,
            CrmEnabled = tokens.CrmEnabled,
            FeatureConnections = ToApi(tokens.FeatureConnections),
            OrganizationId = OrNull(tokens.OrganizationId),
            ApiDomain = OrNull(tokens.ApiDomain),
            CampaignsListKey = OrNull(campaigns.CampaignsListKey),
            DefaultRegion = OrNull(messaging?.DefaultRegion ?? ""),
            MessagesModule = OrNull(messaging?.MessagesModule ?? ""),
            CrmOrganizationId = OrNull(messaging?.CrmOrganizationId ?? ""),
            DailyNotes = messaging?.DailyNotes,
            DialogUrl = OrNull(messaging?.DialogUrl ?? ""),
            LeadSource = OrNull(messaging?.LeadSource ?? ""),
        };

        public HubSpotSettings ToHubSpot() => new()
        {
            ClientId = OrNull(tokens.ClientId),
            ClientSecret = tokens.ClientSecrets.GetValueOrDefault(AllDataCentres),
            Enabled = tokens.Enabled,
            FeatureConnections = ToApi(tokens.FeatureConnections),
        };
    }

    extension(UpdateSettingsRequest request)
    {
        private void Choose(IReadOnlyDictionary<string, string?>? connections)
        {
            foreach (var (feature, connection) in connections ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            {
                request.FeatureConnections[feature] = connection ?? "";
            }
        }
    }

    private static Dictionary<string, string?> ToApi(IDictionary<string, string> connections) =>
        connections.ToDictionary(entry => entry.Key, entry => (string?)entry.Value, StringComparer.Ordinal);
}
