using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.ApiKeys;
using ZohoPlatform.Gateway.Docs;

namespace ZohoPlatform.Gateway.Campaigns.Results;

internal static class QuotaEndpoint
{
    private static readonly CampaignsQuotaBody Example = new(
    [
        new MethodQuotaBody("listsubscribe", [new QuotaWindowBody(300, 500, 400, 380)], new DateTimeOffset(2026, 11, 21, 9, 58, 0, TimeSpan.Zero)),
    ]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapQuota() => routes.MapGet("/api/v1/campaigns/quota", Get)
            .WithTags("Campaigns reports")
            .RequireAuthorization(Policies.Viewer)
            .Describe(
                "How much of Zoho's call limits is used",
                "By method, counted over all replicas; Zoho is not asked. Role needed: viewer.",
                response: Example)
            .Fails(409);
    }

    private static async Task<Ok<CampaignsQuotaBody>> Get(ServiceCall call, CampaignsSettingsStore.CampaignsSettingsStoreClient campaigns) =>
        TypedResults.Ok(CampaignsQuotaBody.Of(await campaigns.GetQuotaAsync(new(), call.Options)));
}

/// <param name="Methods">Each is counted and locked by itself.</param>
internal sealed record CampaignsQuotaBody(IReadOnlyList<MethodQuotaBody> Methods)
{
    public static CampaignsQuotaBody Of(CampaignsQuota quota) => new([.. quota.Methods.Select(MethodQuotaBody.Of)]);
}

/// <summary>One method of Zoho Campaigns.</summary>
/// <param name="Method">As Zoho calls it: listsubscribe.</param>
/// <param name="Limits">One for each window that Zoho counts in.</param>
/// <param name="LockedUntil">Until when nobody calls it, after Zoho said that it is locked; absent where it is not.</param>
internal sealed record MethodQuotaBody(string Method, IReadOnlyList<QuotaWindowBody> Limits, DateTimeOffset? LockedUntil)
{
    public static MethodQuotaBody Of(MethodQuota quota) => new(
        quota.Method,
        [
            .. quota.Windows.Select(window => new QuotaWindowBody(
                (long)window.Length.ToTimeSpan().TotalSeconds, window.Calls, window.Usable, window.Used)),
        ],
        ContractValues.Time(quota.LockedUntil));
}

/// <param name="WindowSeconds">Any stretch of that length.</param>
/// <param name="Calls">Zoho's limit in it.</param>
/// <param name="Usable">At how many the platform stops.</param>
/// <param name="Used">In the stretch that ends now.</param>
internal sealed record QuotaWindowBody(long WindowSeconds, int Calls, int Usable, int Used);
