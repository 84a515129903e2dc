namespace ZohoPlatform.Api.Campaigns;

/// <summary>What may be called at Zoho, and what was.</summary>
/// <param name="Methods">Those that were called lately; each is counted and locked by itself.</param>
public sealed record Quota(IReadOnlyList<MethodQuota> Methods)
{
    public IReadOnlyList<MethodQuota> Methods { get; init; } = Methods ?? [];
}

/// <summary>One method of Zoho Campaigns.</summary>
/// <param name="Method">As Zoho calls it: listsubscribe.</param>
/// <param name="Limits">One for each window that Zoho counts in.</param>
/// <param name="UnlocksAt">When it is called again, after Zoho said that it is locked; absent where it is not.</param>
public sealed record MethodQuota(string Method, IReadOnlyList<QuotaLimit> Limits, DateTimeOffset? UnlocksAt)
{
    public IReadOnlyList<QuotaLimit> Limits { get; init; } = Limits ?? [];
}

/// <summary>How many calls one window takes.</summary>
/// <param name="WindowSeconds">Any stretch of that length.</param>
/// <param name="Calls">Zoho's limit in it.</param>
/// <param name="Usable">At how many the platform stops.</param>
/// <param name="Used">In the stretch that ends now.</param>
public sealed record QuotaLimit(long WindowSeconds, int Calls, int Usable, int Used);
