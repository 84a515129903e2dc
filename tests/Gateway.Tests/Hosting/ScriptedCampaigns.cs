using Grpc.Core;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>What CampaignsService answers about syncs and results.</summary>
internal sealed class ScriptedCampaigns
{
    public Func<IAsyncStreamReader<UploadSourceRequest>, ServerCallContext, Task<UploadedSource>>? UploadSource { get; set; }

    public Func<CreateSyncRequest, Caller, Sync>? CreateSync { get; set; }

    /// <summary>GetSync, PauseSync, ResumeSync or CancelSync, of an id.</summary>
    public Func<string, string, Sync>? OneSync { get; set; }

    public Action<string>? DeleteSync { get; set; }

    public Func<ListSyncsRequest, ListSyncsResponse>? ListSyncs { get; set; }

    public Func<WatchSyncRequest, IServerStreamWriter<SyncEvent>, ServerCallContext, Task>? WatchSync { get; set; }

    public Func<ListSyncContactsRequest, ListSyncContactsResponse>? ListSyncContacts { get; set; }

    public Func<string, IEnumerable<SyncContact>>? ExportSyncContacts { get; set; }

    public Func<ListMailingListsRequest, ListMailingListsResponse>? ListMailingLists { get; set; }

    public Func<CreateMailingListRequest, MailingList>? CreateMailingList { get; set; }

    public Func<ListSubscribersRequest, ListSubscribersResponse>? ListSubscribers { get; set; }

    public Func<ListCampaignsRequest, ListCampaignsResponse>? ListCampaigns { get; set; }

    public Func<GetCampaignReportRequest, CampaignReport>? GetCampaignReport { get; set; }

    public Func<ListCampaignRecipientsRequest, ListCampaignRecipientsResponse>? ListCampaignRecipients { get; set; }

    public Func<CampaignsQuota>? GetQuota { get; set; }

    public Func<UnsubscribeRequest, UnsubscribeResponse>? Unsubscribe { get; set; }

    public Func<RetryRegistrationRequest, Registration>? RetryRegistration { get; set; }

    public Func<RetryRegistrationsRequest, RetryRegistrationsResponse>? RetryRegistrations { get; set; }

    public Func<ForgetContactRequest, ForgetContactResponse>? ForgetContact { get; set; }

    public Func<LiftOptOutRequest, LiftOptOutResponse>? LiftOptOut { get; set; }

    public Func<MarkDoNotMailRequest, MarkDoNotMailResponse>? MarkDoNotMail { get; set; }
}

internal sealed class SyncsScript(ScriptedServices services) : Syncs.SyncsBase
{
    private readonly ScriptedCampaigns _script = services.Campaigns;

    public override Task<UploadedSource> UploadSource(IAsyncStreamReader<UploadSourceRequest> requestStream, ServerCallContext context) =>
        (_script.UploadSource ?? throw ScriptedServices.NotSaid())(requestStream, context);

    public override Task<Sync> CreateSync(CreateSyncRequest request, ServerCallContext context) =>
        Task.FromResult((_script.CreateSync ?? throw ScriptedServices.NotSaid())(request, context.Caller));

    public override Task<Sync> GetSync(GetSyncRequest request, ServerCallContext context) => One(nameof(GetSync), request.Id);

    public override Task<Sync> PauseSync(PauseSyncRequest request, ServerCallContext context) => One(nameof(PauseSync), request.Id);

    public override Task<Sync> ResumeSync(ResumeSyncRequest request, ServerCallContext context) => One(nameof(ResumeSync), request.Id);

    public override Task<Sync> CancelSync(CancelSyncRequest request, ServerCallContext context) => One(nameof(CancelSync), request.Id);

    public override Task<DeleteSyncResponse> DeleteSync(DeleteSyncRequest request, ServerCallContext context)
    {
        (_script.DeleteSync ?? throw ScriptedServices.NotSaid())(request.Id);
        return Task.FromResult(new DeleteSyncResponse());
    }

    public override Task<ListSyncsResponse> ListSyncs(ListSyncsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListSyncs ?? throw ScriptedServices.NotSaid())(request));

    public override Task WatchSync(WatchSyncRequest request, IServerStreamWriter<SyncEvent> responseStream, ServerCallContext context) =>
        (_script.WatchSync ?? throw ScriptedServices.NotSaid())(request, responseStream, context);

    public override Task<ListSyncContactsResponse> ListSyncContacts(ListSyncContactsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListSyncContacts ?? throw ScriptedServices.NotSaid())(request));

    public override async Task ExportSyncContacts(
        ExportSyncContactsRequest request, IServerStreamWriter<SyncContact> responseStream, ServerCallContext context)
    {
        foreach (var contact in (_script.ExportSyncContacts ?? throw ScriptedServices.NotSaid())(request.Id))
        {
            await responseStream.WriteAsync(contact);
        }
    }

    private Task<Sync> One(string method, string id) => Task.FromResult((_script.OneSync ?? throw ScriptedServices.NotSaid())(method, id));
}

internal sealed class CampaignResultsScript(ScriptedServices services) : CampaignResults.CampaignResultsBase
{
    private readonly ScriptedCampaigns _script = services.Campaigns;

    public override Task<ListMailingListsResponse> ListMailingLists(ListMailingListsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListMailingLists ?? throw ScriptedServices.NotSaid())(request));

    public override Task<MailingList> CreateMailingList(CreateMailingListRequest request, ServerCallContext context) =>
        Task.FromResult((_script.CreateMailingList ?? throw ScriptedServices.NotSaid())(request));

    public override Task<ListSubscribersResponse> ListSubscribers(ListSubscribersRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListSubscribers ?? throw ScriptedServices.NotSaid())(request));

    public override Task<ListCampaignsResponse> ListCampaigns(ListCampaignsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListCampaigns ?? throw ScriptedServices.NotSaid())(request));

    public override Task<CampaignReport> GetCampaignReport(GetCampaignReportRequest request, ServerCallContext context) =>
        Task.FromResult((_script.GetCampaignReport ?? throw ScriptedServices.NotSaid())(request));

    public override Task<ListCampaignRecipientsResponse> ListCampaignRecipients(ListCampaignRecipientsRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ListCampaignRecipients ?? throw ScriptedServices.NotSaid())(request));

    public override Task<UnsubscribeResponse> Unsubscribe(UnsubscribeRequest request, ServerCallContext context) =>
        Task.FromResult((_script.Unsubscribe ?? throw ScriptedServices.NotSaid())(request));

    public override Task<MarkDoNotMailResponse> MarkDoNotMail(MarkDoNotMailRequest request, ServerCallContext context) =>
        Task.FromResult((_script.MarkDoNotMail ?? throw ScriptedServices.NotSaid())(request));
}

internal sealed class ContactsScript(ScriptedServices services) : Contacts.ContactsBase
{
    private readonly ScriptedCampaigns _script = services.Campaigns;

    public override Task<ForgetContactResponse> ForgetContact(ForgetContactRequest request, ServerCallContext context) =>
        Task.FromResult((_script.ForgetContact ?? throw ScriptedServices.NotSaid())(request));

    public override Task<LiftOptOutResponse> LiftOptOut(LiftOptOutRequest request, ServerCallContext context) =>
        Task.FromResult((_script.LiftOptOut ?? throw ScriptedServices.NotSaid())(request));
}
