using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>What a link for a browser, which has no key, holds.</summary>
/// <param name="Authorization">The token service's id of what waits to be opened; the token service opens it once.</param>
/// <param name="Beginner">Who asked for the link.</param>
internal sealed record ConnectLink(string Authorization, Beginner Beginner);

/// <summary>Who begins a flow.</summary>
/// <param name="Caller">The key's tenant and its id.</param>
/// <param name="SecretSha256">Of the secret that was shown: what a stolen one has begun ends with it.</param>
internal sealed record Beginner(Caller Caller, byte[] SecretSha256)
{
    /// <summary>Null where the request shows no key.</summary>
    public static Beginner? Of(HttpContext context) =>
        CallerIdentity.CallerOf(context.User) is { } caller && ApiKeyCheck.TextOf(context) is { } text && ApiKeyText.TryParse(text, out var shown)
            ? new Beginner(caller, shown.SecretSha256)
            : null;
}

/// <summary>
/// Seals links and who began a flow. Either is good for this one flow and for nothing else, and only while the key that began it is there, is
/// an admin's and still has the secret that it was shown with.
/// </summary>
internal sealed class ConnectLinks(IDataProtectionProvider ring, ApiKeyStore keys, TimeProvider clock)
{
    private const string LinkPurpose = "gateway.oauth.link";
    private const string BeginnerPurpose = "gateway.oauth.beginner";

    /// <summary>For the path of a page.</summary>
    public string Seal(Beginner beginner, string authorization) => Seal(LinkPurpose, Sealed.Of(beginner, authorization));

    /// <summary>Null where the link was changed or is not one of ours, or its key may not connect any more.</summary>
    public async Task<ConnectLink?> OpenAsync(string text, CancellationToken cancellationToken) =>
        Open(LinkPurpose, text) is { Authorization: { } authorization } link && await BeginnerAsync(link, cancellationToken) is { } beginner
            ? new ConnectLink(authorization, beginner)
            : null;

    /// <summary>Whether this gateway gave it. Asks nobody: it may be over.</summary>
    public bool IsLink(string text) => Open(LinkPurpose, text) is not null;

    /// <summary>Who begins a flow, for the browser to bring back.</summary>
    public string SealBeginner(Beginner beginner) => Seal(BeginnerPurpose, Sealed.Of(beginner, authorization: null));

    /// <summary>Whether this gateway sealed it. Asks nobody.</summary>
    public bool IsBeginner(string beganBy) => Open(BeginnerPurpose, beganBy) is not null;

    /// <summary>Who began a flow; null where the key is gone or no admin's any more, or has another secret.</summary>
    public async Task<Caller?> FindBeginnerAsync(string beganBy, CancellationToken cancellationToken) =>
        Open(BeginnerPurpose, beganBy) is { } began ? (await BeginnerAsync(began, cancellationToken))?.Caller : null;

    /// <summary>Whether what this caller began can still be finished, as far as its key goes.</summary>
    public async Task<bool> MayConnectAsync(TenantId tenant, string subject, CancellationToken cancellationToken) =>
        await FindAdminAsync(new Caller(tenant, Role.Admin, subject), cancellationToken) is not null;

    private string Seal(string purpose, Sealed content) =>
        WebEncoders.Base64UrlEncode(ring.CreateProtector(purpose).Protect(JsonSerializer.SerializeToUtf8Bytes(content)));

    private Sealed? Open(string purpose, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Sealed>(ring.CreateProtector(purpose).Unprotect(WebEncoders.Base64UrlDecode(text)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    // as the key is at this moment, not as it is remembered
    private async Task<Beginner?> BeginnerAsync(Sealed content, CancellationToken cancellationToken)
    {
        var caller = new Caller(new TenantId(content.Tenant), Role.Admin, content.Subject);
        return await FindAdminAsync(caller, cancellationToken) is { } key && key.IsOpenedBy(content.SecretSha256, clock.GetUtcNow())
            ? new Beginner(caller, content.SecretSha256)
            : null;
    }

    private async Task<ApiKey?> FindAdminAsync(Caller caller, CancellationToken cancellationToken) =>
        await keys.FindAsync(ApiKeyVerifier.KeyIdOf(caller), cancellationToken) is { Role: >= Role.Admin } key
            && key.TenantId == caller.Tenant && !(key.ExpiresAt <= clock.GetUtcNow())
                ? key
                : null;

    private sealed record Sealed(Guid Tenant, string Subject, byte[] SecretSha256, string? Authorization)
    {
        public static Sealed Of(Beginner beginner, string? authorization) =>
            new(beginner.Caller.Tenant.Value, beginner.Caller.Subject, beginner.SecretSha256, authorization);
    }
}
