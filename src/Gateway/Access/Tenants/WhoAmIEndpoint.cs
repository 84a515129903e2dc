using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Tenants;

internal static class WhoAmIEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapWhoAmI() => routes.MapGet("/api/v1/whoami", Get)
            .WithTags("Admin")
            .RequireAuthorization(Policies.Viewer)
            .Describe(
                "whoAmI",
                "Whose key this is and what it may do",
                "Tells a right key from a wrong one without touching anything. Role needed: viewer.",
                response: new WhoAmI("0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061", "north-branch", KeyRole.Operator, "k3v9x2m8q7t1c5b0", null, []))
            // any key may ask
            .Fails(400, 401, 429, 500, 503);
    }

    private static async Task<Ok<WhoAmI>> Get(HttpContext http, TenantStore tenants, CancellationToken cancellationToken)
    {
        var caller = http.Caller;
        var tenant = await tenants.GetAsync(caller.Tenant, cancellationToken);
        return TypedResults.Ok(new WhoAmI(
            tenant.Id.ToString(), tenant.Name, caller.Role.As<KeyRole>(), ApiKeyVerifier.KeyIdOf(caller), caller.Owner, caller.PermissionEntries));
    }
}
