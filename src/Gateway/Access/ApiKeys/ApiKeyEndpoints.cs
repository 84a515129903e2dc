using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
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
        ]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapApiKeys()
        {
            var group = routes.MapGroup("/api/v1/admin/keys").WithTags("Admin").RequireAuthorization(Policies.Admin);

            group.MapPost("/", Create)
                .Describe(
                    "Make an API key",
                    "The answer holds the key's secret, this once. Beside its role a key may have the permission tokens:read for named connections: "
                        + "a token can do all that its grant covers, which the answer names. Role needed: admin.",
                    ExampleRequest,
                    ExampleCreated)
                .Fails(400, 409, 413, 415, 422)
                .WithSecretAnswer();
            group.MapGet("/", List).Describe("List the tenant's API keys", "Never with their secrets. Role needed: admin.", response: ExampleList);
            group.MapDelete("/{id}", Delete)
                .Describe("Delete an API key", "It stops working within ten seconds, here and in every replica. Role needed: admin.")
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
            ? TypedResults.Created((string?)null, made.Key.ToCreated(made.Text, named))
            : (ProblemResult)full;
    }

    private static async Task<Ok<ApiKeyList>> List(
        HttpContext http, ApiKeyStore keys, KeyConnections connections, CancellationToken cancellationToken)
    {
        var tenant = http.Caller.Tenant;
        var all = await keys.ListAsync(tenant, cancellationToken);
        var describe = await connections.DescribeAsync(tenant, all, cancellationToken);
        return TypedResults.Ok(new ApiKeyList([.. all.Select(key => key.ToApi(describe(key)))]));
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
