using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

internal static class ApiKeyEndpoints
{
    private static readonly PermissionEntry[] ExamplePermissions = [new(Permissions.TokensRead, ["0193a2b4-7a11-7c32-8d90-5e6f70819203"])];

    private static readonly KeyConnection[] ExampleConnections =
        [new("0193a2b4-7a11-7c32-8d90-5e6f70819203", "zoho", "company", ["ZohoCampaigns.contact.UPDATE", "ZohoCampaigns.contact.READ"])];

    public static readonly NewApiKey ExampleRequest = new("web shop", KeyRole.Operator, new DateTimeOffset(2027, 12, 31, 0, 0, 0, TimeSpan.Zero))
    {
        Owner = "company",
        Permissions = ExamplePermissions,
    };

    public static readonly CreatedApiKey ExampleCreated = new(
        "k3v9x2m8q7t1c5b0",
        "web shop",
        KeyRole.Operator,
        new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero),
        new DateTimeOffset(2027, 12, 31, 0, 0, 0, TimeSpan.Zero),
        "zp_k3v9x2m8q7t1c5b0_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample1",
        "company",
        ExamplePermissions,
        ExampleConnections);

    private static readonly ApiKeyList ExampleList = new(
        [
            new(
                "k3v9x2m8q7t1c5b0", "web shop", KeyRole.Operator, ExampleCreated.CreatedAt, "key:bootstrap", ExampleCreated.ExpiresAt, null, "company",
                ExamplePermissions, ExampleConnections),
        ],
        null,
        1);

    public const string Prefix = "/api/v1/admin/keys";

    private const int UsualOverlap = 24 * 3600;
    private const int LongestOverlap = 7 * UsualOverlap;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapApiKeys()
        {
            var group = routes.MapGroup(Prefix).WithTags("Admin").RequireAuthorization(Policies.Admin);

            group.MapPost("/", Create)
                .Describe(
                    "createKey",
                    "Make an API key",
                    "The answer holds the key's secret, this once. Beside its role a key may have the permission tokens:read for named connections: "
                        + "a token can do all that its grant covers, which the answer names. Role needed: admin.",
                    ExampleRequest,
                    ExampleCreated)
                .Fails(409, 413, 415, 422)
                .WithSecretAnswer();
            group.MapGet("/", List)
                .Describe("listKeys", "List the tenant's API keys", "Oldest first, never with their secrets. Role needed: admin.", response: ExampleList);
            group.MapGet("/{id}", Get)
                .Describe("getKey", "One of the tenant's API keys", "Never with its secret. Role needed: admin.", response: ExampleList.Keys[0])
                .Fails(404);
            group.MapPatch("/{id}", Rename)
                .Describe(
                    "renameKey",
                    "Rename an API key",
                    "What it may do stays: for that make another one. Role needed: admin.",
                    new ApiKeyChange("web shop"),
                    ExampleList.Keys[0])
                .Fails(404, 413, 415);
            group.MapPost("/{id}/rotate-secret", Rotate)
                .Describe(
                    "rotateKeySecret",
                    "Give an API key a new secret",
                    "Until the old one ends, both open: put the new one into what uses the key within that time. The answer holds it, this once. "
                        + "Role needed: admin.",
                    new KeyRotation { OverlapSeconds = 3600 },
                    new RotatedApiKey(ExampleCreated.Id, ExampleCreated.Key, ExampleCreated.CreatedAt.AddHours(1)))
                .Fails(404, 409, 413, 415, 422)
                .WithSecretAnswer();
            group.MapDelete("/{id}", Delete)
                .Describe("deleteKey", "Delete an API key", "It stops working within ten seconds, here and in every replica. Role needed: admin.")
                .Fails(404, 409);
        }
    }

    private static async Task<Results<Created<CreatedApiKey>, ProblemResult>> Create(
        NewApiKey body, HttpContext http, ApiKeyStore keys, KeyConnections connections, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!body.Check(clock.GetUtcNow()).Succeeded(out var wanted, out var failure))
        {
            return (ProblemResult)failure;
        }

        var caller = http.Caller;
        if (!(await connections.CheckAsync(caller.Tenant, wanted, cancellationToken)).Succeeded(out var named, out var unknown))
        {
            return (ProblemResult)unknown;
        }

        return (await keys.CreateAsync(caller.Tenant, wanted, caller, cancellationToken)).Succeeded(out var made, out var full)
            ? TypedResults.Created($"{Prefix}/{made.Key.Id}", made.Key.ToCreated(made.Text, named))
            : (ProblemResult)full;
    }

    private static async Task<Results<Ok<ApiKeyList>, ProblemResult>> List(
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        HttpContext http,
        ApiKeyStore keys,
        KeyConnections connections,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var tenant = http.Caller.Tenant;
        var all = await keys.ListAsync(tenant, cancellationToken);
        if (!BoundedPages.Of(all, pageSize, pageToken, key => key.Id).Succeeded(out var page, out var failure))
        {
            return (ProblemResult)failure;
        }

        var describe = await connections.DescribeAsync(tenant, page.Page, cancellationToken);
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new ApiKeyList([.. page.Page.Select(key => key.ToApi(describe(key), now))], page.Next, all.Count));
    }

    private static async Task<Results<Ok<Api.Keys.ApiKey>, ProblemResult>> Get(
        string id, HttpContext http, ApiKeyStore keys, KeyConnections connections, TimeProvider clock, CancellationToken cancellationToken) =>
        await ShowAsync(await keys.GetAsync(http.Caller.Tenant, id, cancellationToken), connections, clock, cancellationToken);

    private static async Task<Results<Ok<Api.Keys.ApiKey>, ProblemResult>> Rename(
        string id,
        ApiKeyChange body,
        HttpContext http,
        ApiKeyStore keys,
        KeyConnections connections,
        TimeProvider clock,
        CancellationToken cancellationToken) =>
        ApiKeyMapping.NameOf(body.Name).Succeeded(out var name, out var failure)
            ? await ShowAsync(await keys.RenameAsync(http.Caller, id, name, cancellationToken), connections, clock, cancellationToken)
            : (ProblemResult)failure;

    private static async Task<Results<Ok<RotatedApiKey>, ProblemResult>> Rotate(
        string id, KeyRotation body, HttpContext http, ApiKeyStore keys, ApiKeyVerifier verifier, CancellationToken cancellationToken)
    {
        var overlap = body.OverlapSeconds ?? UsualOverlap;
        if (overlap is < 0 or > LongestOverlap)
        {
            return (ProblemResult)Failure.InvalidField("overlap_seconds", $"overlap_seconds must be 0 to {LongestOverlap}.");
        }

        if (!(await keys.RotateAsync(http.Caller, id, TimeSpan.FromSeconds(overlap), cancellationToken)).Succeeded(out var rotated, out var failure))
        {
            return (ProblemResult)failure;
        }

        verifier.Forget(id);
        return TypedResults.Ok(new RotatedApiKey(id, rotated.Text.Reveal(), rotated.Key.PreviousEndsAt));
    }

    private static async Task<Results<Ok<Api.Keys.ApiKey>, ProblemResult>> ShowAsync(
        Result<ApiKey> found, KeyConnections connections, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!found.Succeeded(out var key, out var failure))
        {
            return (ProblemResult)failure;
        }

        var describe = await connections.DescribeAsync(key.TenantId, [key], cancellationToken);
        return TypedResults.Ok(key.ToApi(describe(key), clock.GetUtcNow()));
    }

    private static async Task<Results<NoContent, ProblemResult>> Delete(
        string id, HttpContext http, ApiKeyStore keys, ApiKeyVerifier verifier, CancellationToken cancellationToken)
    {
        if (await keys.DeleteAsync(http.Caller, id, cancellationToken) is { } failure)
        {
            return (ProblemResult)failure;
        }

        verifier.Forget(id);
        return TypedResults.NoContent();
    }
}
