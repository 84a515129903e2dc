using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>ASP.NET Core's authentication by <see cref="ApiKeyCheck"/>.</summary>
internal sealed class ApiKeyHandler(
    ApiKeyCheck keys,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    /// <summary>Says that the key is the one that manages tenants.</summary>
    public const string PlatformClaim = "platform";

    private Failure _challenge = ApiKeyCheck.Missing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if ((await keys.CheckAsync(Context)).Succeeded(out var caller, out var failure))
        {
            return Success(caller);
        }

        _challenge = failure;
        return failure == ApiKeyCheck.Missing ? AuthenticateResult.NoResult() : AuthenticateResult.Fail(failure.Code);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return ((ProblemResult)_challenge).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ((ProblemResult)Policies.RefusalOf(Context.GetEndpoint(), Context.Caller)).ExecuteAsync(Context);

    private static AuthenticateResult Success(Caller caller)
    {
        var principal = new ClaimsPrincipal(new CallerIdentity(caller));
        if (caller.Subject == ApiKeyVerifier.Subject(ApiKeyStore.PlatformKeyId))
        {
            principal.AddIdentity(new ClaimsIdentity([new Claim(PlatformClaim, "true")]));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
    }
}
