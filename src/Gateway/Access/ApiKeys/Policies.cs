using Microsoft.AspNetCore.Authorization;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>What an endpoint asks of its caller.</summary>
internal static class Policies
{
    public const string Viewer = nameof(Role.Viewer);
    public const string Operator = nameof(Role.Operator);
    public const string Admin = nameof(Role.Admin);

    /// <summary>The key that manages tenants, see <see cref="ApiKeyStore.PlatformKeyId"/>.</summary>
    public const string Platform = "Platform";

    private static readonly Failure PlatformKeyNeeded = new(
        FailureKind.Forbidden,
        "platform_key_needed",
        "This needs the platform key; a tenant's key never suffices, whatever its role. The platform key is zp_bootstrap_ and the gateway's setting "
            + "Bootstrap:AdminKey, and stands in the file that Bootstrap:EnvFile names.");

    /// <summary>Why <paramref name="caller"/> may not call an endpoint: what it asks for, and what the caller has.</summary>
    public static Failure RefusalOf(Endpoint? endpoint, Caller caller)
    {
        var policies = endpoint?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).ToList() ?? [];
        return policies.Contains(Platform)
            ? PlatformKeyNeeded
            : CallerContext.RoleMissing(policies.Max(policy => Enum.Parse<Role>(policy!)), caller.Role);
    }

    extension(AuthorizationBuilder authorization)
    {
        public AuthorizationBuilder AddRolePolicies()
        {
            foreach (var role in new[] { Role.Viewer, Role.Operator, Role.Admin })
            {
                authorization.AddPolicy(role.ToString(), policy => policy.RequireAuthenticatedUser()
                    .RequireAssertion(context => CallerIdentity.CallerOf(context.User)?.Role >= role));
            }

            return authorization
                .AddPolicy(Platform, policy => policy.RequireClaim(ApiKeyHandler.PlatformClaim))
                .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        }
    }
}
