using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary><c>Authorization: Bearer zp_...</c>. An address that showed too many wrong keys is not listened to for a while.</summary>
internal sealed class ApiKeyHandler(
    ApiKeyVerifier verifier,
    RequestLimiter limits,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    /// <summary>Says that the key is the one that manages tenants.</summary>
    public const string PlatformClaim = "platform";

    private static readonly Failure KeyMissing = new(
        FailureKind.Unauthenticated, "key_missing", "This needs an API key: send it as Authorization: Bearer zp_...");
    private static readonly Failure KeyInvalid = new(
        FailureKind.Unauthenticated, "key_invalid", "The API key is unknown, expired or deleted: ask an admin of your tenant for a new one.");
    private static readonly Failure RoleMissing = new(
        FailureKind.Forbidden, "role_missing", "The API key's role does not allow this: use a key with the role that the endpoint names.");

    private ProblemResult _challenge = KeyMissing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header)
            || !"Bearer".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase)
            || header.Parameter is not { Length: > 0 } text)
        {
            return AuthenticateResult.NoResult();
        }

        if (verifier.Recall(text) is { } known)
        {
            return Success(known);
        }

        var address = Context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        if (await limits.FailedKeysLeftAsync(address, Context.RequestAborted) is { Allowed: false } spent)
        {
            _challenge = RequestLimiter.TooManyFailedKeys(spent);
            return AuthenticateResult.Fail("too many wrong keys from this address");
        }

        if (await verifier.VerifyAsync(text, Context.RequestAborted) is { } caller)
        {
            return Success(caller);
        }

        await limits.NoteFailedKeyAsync(address, Context.RequestAborted);
        _challenge = KeyInvalid;
        return AuthenticateResult.Fail("unknown key");
    }

    // as a person reads it: an IPv4 address also where the socket speaks IPv6
    private string? FromAddress => Context.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : null;

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return _challenge.ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => ((ProblemResult)RoleMissing).ExecuteAsync(Context);

    private AuthenticateResult Success(Caller caller)
    {
        var principal = new ClaimsPrincipal(new CallerIdentity(caller with { From = FromAddress }));
        if (caller.Subject == ApiKeyVerifier.Subject(ApiKeyStore.PlatformKeyId))
        {
            principal.AddIdentity(new ClaimsIdentity([new Claim(PlatformClaim, "true")]));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
    }
}
