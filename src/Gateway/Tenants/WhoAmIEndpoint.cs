using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Gateway.ApiKeys;
using ZohoPlatform.Gateway.Docs;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tenants;

internal static class WhoAmIEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapWhoAmI() => routes.MapGet("/api/v1/whoami", Get)
            .WithTags("Admin")
            .RequireAuthorization(Policies.Viewer)
            .Describe(
                "Whose key this is and what it may do",
                "Tells a right key from a wrong one without touching anything. Role needed: viewer.",
                response: new WhoAmI(new Guid("0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061"), "north-branch", "operator", "k3v9x2m8q7t1c5b0"));
    }

    private static async Task<Ok<WhoAmI>> Get(HttpContext http, TenantStore tenants, CancellationToken cancellationToken)
    {
        var caller = http.Caller;
        var tenant = await tenants.GetAsync(caller.Tenant, cancellationToken);
        return TypedResults.Ok(new WhoAmI(tenant.Id.Value, tenant.Name, ApiNames.Of(caller.Role), ApiKeyVerifier.KeyIdOf(caller)));
    }
}

/// <summary>The caller.</summary>
/// <param name="TenantId">Whose data the key reaches.</param>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="KeyId">The key's public part: the second of <c>zp_{id}_{secret}</c>.</param>
internal sealed record WhoAmI(Guid TenantId, string Tenant, string Role, string KeyId);
