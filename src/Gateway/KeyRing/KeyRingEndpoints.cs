using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.KeyRing;
using ZohoPlatform.Audit;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Contract = ZohoPlatform.Contracts.Tokens.V1;
using KeyRingClient = ZohoPlatform.Contracts.Tokens.V1.KeyRing.KeyRingClient;

namespace ZohoPlatform.Gateway.KeyRing;

internal static class KeyRingEndpoints
{
    private static readonly KeyRingStatus Example = new(
        "5b1f0c52-7e0e-4d55-9a1c-0f6e2d3c4b5a",
        "9f2c41d8",
        2403,
        1187,
        [new("5b1f0c52-7e0e-4d55-9a1c-0f6e2d3c4b5a", 1216), new("0c9e7a34-1b2d-4c3e-8f70-a1b2c3d4e5f6", 1187)]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapKeyRing()
        {
            var group = routes.MapGroup("/api/v1/key-ring").WithTags("Admin").RequireAuthorization(Policies.Platform);

            group.MapGet("/", Get)
                .Describe(
                    "The keys that secrets are sealed with",
                    "How many values each key holds, of all tenants, counted now. Only the platform key (Bootstrap:AdminKey) may do this.",
                    response: Example);
            group.MapPost("/rotations", Rotate)
                .Describe(
                    "Rotate the data key",
                    "Makes a new data key that seals from now on; what older keys sealed is sealed anew in the background while everything "
                        + "runs, until on_older_keys is 0. Only the platform key (Bootstrap:AdminKey) may do this.",
                    response: Example)
                .Fails(409, 422);
        }
    }

    private static async Task<Ok<KeyRingStatus>> Get(HttpContext http, ServiceCalls calls, KeyRingClient keys) =>
        TypedResults.Ok(ToApi(await keys.GetStatusAsync(new(), calls.AsItself(TenantId.None, http.RequestAborted))));

    private static async Task<Accepted<KeyRingStatus>> Rotate(
        HttpContext http, ServiceCalls calls, KeyRingClient keys, TenantDb<GatewayDbContext> database, TimeProvider clock)
    {
        var before = await keys.GetStatusAsync(new(), calls.AsItself(TenantId.None, http.RequestAborted));
        var after = await keys.StartRotationAsync(new(), calls.AsItself(TenantId.None, http.RequestAborted));
        await using var context = database.For(http.Caller.Tenant);
        context.Audit(AuditEntry.Of(
            http.Caller,
            clock.GetUtcNow(),
            AuditActions.KeyRingRotated,
            "key-ring",
            new { data_key_id = new { before = before.DataKeyId, after = after.DataKeyId } }));
        // it is done, whoever still waits for the answer
        await context.SaveChangesAsync(CancellationToken.None);
        return TypedResults.Accepted("/api/v1/key-ring", ToApi(after));
    }

    private static KeyRingStatus ToApi(Contract.KeyRingStatus status) => new(
        status.DataKeyId,
        status.MasterKeyId,
        status.SealedValues,
        status.OnOlderKeys,
        [.. status.Keys.Select(key => new DataKey(key.Id, key.SealedValues))]);
}
