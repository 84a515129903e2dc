using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// The methods of Campaigns API v1.1 that are called, each with its own quota and its own lock (Zoho Campaigns, "API limits" on each
/// method's page: "you can still use other APIs if their lock period hasn't been reached").
/// </summary>
internal static class CampaignsMethods
{
    private const string ReadCampaigns = "ZohoCampaigns.campaign.READ";
    private const string CreateContacts = "ZohoCampaigns.contact.CREATE";
    private const string ReadContacts = "ZohoCampaigns.contact.READ";
    private const string UpdateContacts = "ZohoCampaigns.contact.UPDATE";

    private static readonly TimeSpan LockPeriod = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Inserts or updates one contact; sending it twice does no more than sending it once. The format is in the path, too.
    /// </summary>
    public static readonly CampaignsMethod Subscribe = new(
        HttpMethod.Post,
        "json/listsubscribe",
        UpdateContacts,
        new QuotaMethod(
            "listsubscribe",
            LockPeriod,
            new QuotaLimit(500, TimeSpan.FromMinutes(1)),
            new QuotaLimit(12_500, TimeSpan.FromHours(1)),
            new QuotaLimit(75_000, TimeSpan.FromDays(1))),
        Repeatable: true);

    /// <summary>Takes one contact off one list.</summary>
    public static readonly CampaignsMethod Unsubscribe = new(
        HttpMethod.Post, "json/listunsubscribe", UpdateContacts, Usual("listunsubscribe"), Repeatable: true);

    /// <summary>No list mails the contact any more.</summary>
    public static readonly CampaignsMethod DoNotMail = new(
        HttpMethod.Post, "json/contactdonotmail", UpdateContacts, Usual("contactdonotmail"), Repeatable: true);

    /// <summary>Up to ten addresses into a list; who is on it already is told apart, so a second time changes nothing.</summary>
    public static readonly CampaignsMethod BulkAdd = new(
        HttpMethod.Post,
        "addlistsubscribersinbulk",
        CreateContacts,
        new QuotaMethod("addlistsubscribersinbulk", TimeSpan.FromMinutes(10), new QuotaLimit(2000, TimeSpan.FromMinutes(1))),
        Repeatable: true);

    /// <summary>Makes a list; a second time would make a second one, or be refused for the name.</summary>
    public static readonly CampaignsMethod CreateList = new(
        HttpMethod.Post, "addlistandcontacts", CreateContacts, Usual("addlistandcontacts"), Repeatable: false);

    public static readonly CampaignsMethod MailingLists = Listing("getmailinglists", ReadContacts);

    public static readonly CampaignsMethod Subscribers = Listing("getlistsubscribers", ReadContacts);

    /// <summary>GET only, as <c>contact/allfields</c> is.</summary>
    public static readonly CampaignsMethod SubscribersCount = new(
        HttpMethod.Get, "listsubscriberscount", ReadContacts, Usual("listsubscriberscount"), Repeatable: true);

    public static readonly CampaignsMethod ContactFields = new(
        HttpMethod.Get,
        "contact/allfields",
        ReadContacts,
        new QuotaMethod("contact/allfields", LockPeriod, new QuotaLimit(100, TimeSpan.FromMinutes(5))),
        Repeatable: true);

    public static readonly CampaignsMethod RecentCampaigns = Listing("recentcampaigns", ReadCampaigns);

    public static readonly CampaignsMethod Report = new(
        HttpMethod.Post, "campaignreports", ReadCampaigns, Usual("campaignreports"), Repeatable: true);

    public static readonly CampaignsMethod Recipients = Listing("getcampaignrecipientsdata", ReadCampaigns);

    public static readonly IReadOnlyList<CampaignsMethod> All =
    [
        Subscribe, BulkAdd, Unsubscribe, DoNotMail, CreateList, MailingLists, Subscribers, SubscribersCount, ContactFields, RecentCampaigns,
        Report, Recipients,
    ];

    /// <summary>What a grant must cover for all of them.</summary>
    public static readonly IReadOnlyList<string> Scopes = [.. All.Select(method => method.Scope).Distinct(StringComparer.Ordinal)];

    private static CampaignsMethod Listing(string path, string scope) => new(
        HttpMethod.Post, path, scope, Usual(path), Repeatable: true)
    {
        IsListing = true,
    };

    private static QuotaMethod Usual(string name) => new(name, LockPeriod, new QuotaLimit(500, TimeSpan.FromMinutes(5)));
}

/// <summary>One method of the Campaigns API.</summary>
/// <param name="Verb">With GET the parameters are in the query, else in a form: addresses stay out of access logs.</param>
/// <param name="Path">Below <c>/api/v1.1/</c>; Zoho tells upper from lower case.</param>
/// <param name="Scope">What a grant must cover, as the method's page names it.</param>
/// <param name="Quota">Its limits and lock period.</param>
/// <param name="Repeatable">Whether a lost answer may be asked for again.</param>
internal sealed record CampaignsMethod(HttpMethod Verb, string Path, string Scope, QuotaMethod Quota, bool Repeatable)
{
    /// <summary>Whether it shows page after page, so that a code of "nothing there" is the end of them.</summary>
    public bool IsListing { get; init; }
}
