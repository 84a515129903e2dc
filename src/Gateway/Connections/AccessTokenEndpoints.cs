using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using AccessTokensClient = ZohoPlatform.Contracts.Tokens.V1.AccessTokens.AccessTokensClient;

namespace ZohoPlatform.Gateway.Connections;

/// <summary>Access tokens for backends that call the provider themselves: for keys that were made for it, and TokenService looks at that.</summary>
internal static class AccessTokenEndpoints
{
    /// <summary>What the audit says that they were handed out for.</summary>
    private const string Purpose = "rest";

    private static readonly AccessToken Example = new(
        "1000.example",
        "Zoho-oauthtoken",
        new DateTimeOffset(2026, 11, 21, 10, 25, 0, TimeSpan.Zero),
        "https://www.zohoapis.eu",
        "eu",
        ["20071234567"],
        ["ZohoCampaigns.contact.UPDATE", "ZohoCampaigns.contact.READ"]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAccessTokens()
        {
            var group = routes.MapGroup("/api/v1/connections/{id}/access-token").WithTags("Connections").RequireAuthorization(Policies.Viewer);

            group.MapGet("/", Get)
                .WithMetadata(new DoesSomething())
                .Describe(
                    "getAccessToken",
                    "A live access token",
                    "Good for a minute at least; ask for it with each call or keep it until expires_at. It can do all that granted_scopes says. Every "
                        + "hand-out is in the audit with the key. Permission needed: tokens:read for this connection.",
                    response: Example)
                .Fails(404, 409);
            group.MapPost("/rejected", Report)
                .Describe(
                    "reportRejectedToken",
                    "Report a token that the provider refused",
                    "For a 401 of the provider: the token is replaced once, whoever reports it, and the next one asked for is new. Three times in ten "
                        + "minutes for one key and connection. Where the provider accepts it all the same, it is kept: the operation is refused, for want "
                        + "of a scope. Permission needed: tokens:read for this connection.",
                    new RejectedToken(new string('0', 64)),
                    new RejectedTokenAnswer(true, false))
                .Fails(404, 409, 413, 415, 422);
        }
    }

    private static async Task<Ok<AccessToken>> Get(string id, HttpContext http, ServiceCall call, AccessTokensClient tokens)
    {
        http.Response.Headers.CacheControl = "no-store";
        var answer = await tokens.GetAccessTokenAsync(new() { ConnectionId = id, Purpose = Purpose }, call.Options);
        return TypedResults.Ok(new AccessToken(
            answer.AccessToken,
            answer.AuthorizationScheme,
            answer.ExpiresAt.ToDateTimeOffset(),
            answer.ApiDomain,
            OrNull(answer.DataCentre),
            answer.OrganizationIds,
            answer.GrantedScopes));
    }

    private static async Task<Ok<RejectedTokenAnswer>> Report(string id, RejectedToken body, ServiceCall call, AccessTokensClient tokens)
    {
        var answer = await tokens.ReportRejectedTokenAsync(new() { ConnectionId = id, TokenSha256 = body.TokenSha256 ?? "" }, call.Options);
        return TypedResults.Ok(new RejectedTokenAnswer(answer.Replaced, answer.Accepted));
    }
}
