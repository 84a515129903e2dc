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

    /// <summary>No list mails this address any more. Role needed: operator.</summary>
    public Task MarkDoNotMailAsync(string email, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(
            "api/v1/campaigns/do-not-mail", new Address(email), PlatformJson.Default.Address, idempotencyKey: null, cancellationToken);

    /// <summary>What is left of Zoho's limits, method by method. Role needed: viewer.</summary>
    public Task<Quota> GetQuotaAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync("api/v1/campaigns/quota", PlatformJson.Default.Quota, cancellationToken);
}

/// <summary>What may be called at Zoho, and what was.</summary>
/// <param name="Methods">Those that were called lately.</param>
public sealed record Quota(IReadOnlyList<MethodQuota> Methods)
{
    public IReadOnlyList<MethodQuota> Methods { get; init; } = Methods ?? [];
}

/// <summary>Zoho limits each of its methods by itself.</summary>
/// <param name="Method">Zoho's name: listsubscribe.</param>
/// <param name="Limits">Each over its own window.</param>
/// <param name="LockedUntil">Zoho answers no call of the method until then; absent while it does.</param>
public sealed record MethodQuota(string Method, IReadOnlyList<QuotaLimit> Limits, DateTimeOffset? LockedUntil)
{
    public IReadOnlyList<QuotaLimit> Limits { get; init; } = Limits ?? [];
}

/// <param name="WindowSeconds">Over which the calls are counted.</param>
/// <param name="Calls">Zoho's limit.</param>
/// <param name="Usable">What the platform allows itself of it.</param>
/// <param name="Used">In the window that ends now.</param>
public sealed record QuotaLimit(long WindowSeconds, long Calls, long Usable, long Used);

/// <summary>The body of calls about one address.</summary>
internal sealed record Address(string Email);
