using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using CampaignsSettingsClient = ZohoPlatform.Contracts.Campaigns.V1.CampaignsSettingsStore.CampaignsSettingsStoreClient;

namespace ZohoPlatform.Gateway.Campaigns.Results;

internal static class QuotaEndpoint
{
    private static readonly Quota Example = new(
    [
        new MethodQuota(
            "listsubscribe", [new QuotaLimit(300, 500, 400, 380)], new DateTimeOffset(2026, 11, 21, 9, 58, 0, TimeSpan.Zero)),
    ]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapQuota() => routes.MapGet("/api/v1/campaigns/quota", Get)
            .WithTags("Campaigns reports")
            .RequireAuthorization(Policies.Viewer)
            .Describe(
                "getQuota",
                "How much of Zoho's call limits is used",
                "By method, counted over all replicas; Zoho is not asked. Role needed: viewer.",
                response: Example)
            .Fails(409);
    }

    private static async Task<Ok<Quota>> Get(ServiceCall call, CampaignsSettingsClient campaigns) =>
        TypedResults.Ok((await campaigns.GetQuotaAsync(new(), call.Options)).ToApi());
}
