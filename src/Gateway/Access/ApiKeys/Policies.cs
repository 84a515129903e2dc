using Microsoft.AspNetCore.Authorization;
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
