using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ConnectionsClient = ZohoPlatform.Contracts.Tokens.V1.Connections.ConnectionsClient;

namespace ZohoPlatform.Gateway.Connections;

internal static class ConnectionEndpoints
{
    private const string Prefix = "/api/v1/connections";

    private static readonly string[] CampaignsScopes =
        ["ZohoCampaigns.contact.UPDATE", "ZohoCampaigns.contact.CREATE", "ZohoCampaigns.contact.READ", "ZohoCampaigns.campaign.READ"];

    private static readonly ConnectionFinding SecretRefused = new(
        "client",
        FindingStatus.Failed,
        "client_secret_refused",
        "Zoho refuses the client secret in the data centre eu: copy the secret of this data centre from the Zoho API console.");

    private static readonly Connection Example = new(
        "0193a2b4-7a11-7c32-8d90-5e6f70819203",
        "zoho",
        "company",
        ConnectionState.Active,
        null,
        "eu",
        "https://www.zohoapis.eu",
        ["campaigns"],
        CampaignsScopes,
        [],
        [],
        new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero),
        new DateTimeOffset(2026, 11, 21, 9, 25, 0, TimeSpan.Zero),
        "5f2c9a10",
        9,
        [],
        [new("campaigns", CampaignsScopes, [])])
    {
        Account = "owner@example.com",
        Serves = ["campaigns"],
    };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapConnections()
        {
            var group = routes.MapGroup(Prefix).WithTags("Connections");

            group.MapPost("/", Create).RequireAuthorization(Policies.Admin)
                .Describe(
                    "createConnection",
                    "Connect with a grant code or a refresh token",
                    "The grant is tried at the provider before anything is stored. Role needed: admin.",
                    new NewConnection("zoho")
                    {
                        Features = ["campaigns"],
                        DataCentre = "eu",
                        Owner = "company",
                        GrantCode = "1000.fake-grant-code-from-the-console",
                    },
                    Example)
                .Fails(409, 413, 415, 422);
            group.MapGet("/", List).RequireAuthorization(Policies.Viewer)
                .Describe("listConnections", "List the tenant's connections", "Oldest first. Role needed: viewer.", response: new ConnectionList([Example], null, 1));
            group.MapGet("/{id}", Get).RequireAuthorization(Policies.Viewer)
                .Describe("getConnection", "One connection", "Role needed: viewer.", response: Example)
                .Fails(404);
            group.MapPost("/{id}/test", Test).RequireAuthorization(Policies.Operator)
                .Describe(
                    "testConnection",
                    "Try a connection",
                    "Has the provider give a fresh token, which shows whether client and grant are right, and calls it; says what was found and what "
                        + "to do. Where half of the provider's tokens of ten minutes are used, it says that it did not look. Role needed: operator.",
                    response: new ConnectionTest(false, SecretRefused.Code, SecretRefused.Message) { Findings = [SecretRefused] })
                .Fails(404, 409, 422);
            group.MapDelete("/{id}", Delete).RequireAuthorization(Policies.Admin)
                .Describe(
                    "deleteConnection",
                    "Disconnect",
                    "Forgets the grant here and revokes it at the provider, who is told later where it is away; one that was brought along "
                        + "(brought_along) stays valid there. A connection that serves a feature is kept (409, connection_in_use, with what would stop) "
                        + "unless even_if_in_use is true. Role needed: admin.")
                .Fails(404, 409);
        }
    }

    private static async Task<Results<Created<Connection>, ProblemResult>> Create(
        NewConnection body, ServiceCall call, ConnectionsClient connections)
    {
        if (!body.ToContract().Succeeded(out var request, out var failure))
        {
            return (ProblemResult)failure;
        }

        var connection = await connections.CreateConnectionAsync(request, call.Options);
        return TypedResults.Created($"{Prefix}/{connection.Id}", connection.ToApi());
    }

    private static async Task<Results<Ok<ConnectionList>, ProblemResult>> List(
        [Description("A provider's name; all of them when absent.")] string? provider,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        ConnectionsClient connections)
    {
        var all = (await connections.ListConnectionsAsync(new() { Provider = provider ?? "" }, call.Options)).Connections;
        return BoundedPages.Of(all, pageSize, pageToken, connection => connection.Id).Succeeded(out var page, out var failure)
            ? TypedResults.Ok(new ConnectionList([.. page.Page.Select(connection => connection.ToApi())], page.Next, all.Count))
            : (ProblemResult)failure;
    }

    private static async Task<Ok<Connection>> Get(string id, ServiceCall call, ConnectionsClient connections) =>
        TypedResults.Ok((await connections.GetConnectionAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<ConnectionTest>> Test(string id, ServiceCall call, ConnectionsClient connections)
    {
        var answer = await connections.TestConnectionAsync(new() { Id = id }, call.Options);
        return TypedResults.Ok(answer.ToApi());
    }

    private static async Task<NoContent> Delete(
        string id,
        [FromQuery(Name = "even_if_in_use"), Description("Whether what uses it may stop.")] bool? evenIfInUse,
        ServiceCall call,
        ConnectionsClient connections)
    {
        await connections.DeleteConnectionAsync(new() { Id = id, EvenIfInUse = evenIfInUse ?? false }, call.Options);
        return TypedResults.NoContent();
    }
}
