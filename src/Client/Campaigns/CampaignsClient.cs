using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>What goes to Zoho Campaigns, and what came of it.</summary>
public sealed class CampaignsClient
{
    private readonly GatewayCalls _calls;

    internal CampaignsClient(GatewayCalls calls)
    {
        _calls = calls;
        Contacts = new ContactsClient(calls);
        Sources = new SourcesClient(calls);
        Syncs = new SyncsClient(calls);
        Lists = new ListsClient(calls);
        Reports = new ReportsClient(calls);
    }

    /// <summary>Registered users, one by one.</summary>
    public ContactsClient Contacts { get; }

    /// <summary>Files of users who existed before.</summary>
    public SourcesClient Sources { get; }

    /// <summary>Jobs that bring users who existed before onto a list.</summary>
    public SyncsClient Syncs { get; }

    /// <summary>Mailing lists and who is on them.</summary>
    public ListsClient Lists { get; }

    /// <summary>Campaigns that were sent, and their results.</summary>
    public ReportsClient Reports { get; }

    /// <summary>
    /// No list mails this address any more. Where Zoho cannot be told yet, the platform does so by itself later, and the answer says that. Role
    /// needed: operator.
    /// </summary>
    public Task<KeptOff> MarkDoNotMailAsync(string email, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(
            "api/v1/campaigns/do-not-mail", new OptOut(email), PlatformJson.Default.OptOut, PlatformJson.Default.KeptOff, idempotencyKey: null,
            cancellationToken);

    /// <summary>What is left of Zoho's limits, method by method. Role needed: viewer.</summary>
    public Task<Quota> GetQuotaAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync("api/v1/campaigns/quota", PlatformJson.Default.Quota, cancellationToken);
}
