using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// The methods of Campaigns API v1.1 that are called, each with its own quota and its own lock (Zoho Campaigns, "API limits" on each
/// method's page: "you can still use other APIs if their lock period hasn't been reached").
/// </summary>
internal static class CampaignsMethods
{
    private static readonly TimeSpan LockPeriod = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Inserts or updates one contact; sending it twice does no more than sending it once. The format is in the path, too.
    /// </summary>
    public static readonly CampaignsMethod Subscribe = new(
        HttpMethod.Post,
        "json/listsubscribe",
        new QuotaMethod(
            "listsubscribe",
            LockPeriod,
            new QuotaLimit(500, TimeSpan.FromMinutes(1)),
            new QuotaLimit(12_500, TimeSpan.FromHours(1)),
            new QuotaLimit(75_000, TimeSpan.FromDays(1))),
        Repeatable: true);

    public static readonly CampaignsMethod MailingLists = new(
        HttpMethod.Post,
        "getmailinglists",
        new QuotaMethod("getmailinglists", LockPeriod, new QuotaLimit(500, TimeSpan.FromMinutes(5))),
        Repeatable: true);

    public static readonly CampaignsMethod ContactFields = new(
        HttpMethod.Get,
        "contact/allfields",
        new QuotaMethod("contact/allfields", LockPeriod, new QuotaLimit(100, TimeSpan.FromMinutes(5))),
        Repeatable: true);
}

/// <summary>One method of the Campaigns API.</summary>
/// <param name="Verb">With GET the parameters are in the query, else in a form: addresses stay out of access logs.</param>
/// <param name="Path">Below <c>/api/v1.1/</c>; Zoho tells upper from lower case.</param>
/// <param name="Quota">Its limits and lock period.</param>
/// <param name="Repeatable">Whether a lost answer may be asked for again.</param>
internal sealed record CampaignsMethod(HttpMethod Verb, string Path, QuotaMethod Quota, bool Repeatable);
