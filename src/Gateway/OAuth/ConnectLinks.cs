using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>What a link for a browser, which has no key, holds.</summary>
/// <param name="Authorization">The token service's id of what waits to be opened; the token service opens it once.</param>
/// <param name="Caller">Who asked for the link.</param>
internal sealed record ConnectLink(string Authorization, Caller Caller);

/// <summary>
/// Seals links and who began a flow. Either is good for this one flow and for nothing else, and only while the key that began it is there and
/// an admin's.
/// </summary>
internal sealed class ConnectLinks(IDataProtectionProvider ring, ApiKeyStore keys, TimeProvider clock)
{
    /// <summary>For a person to sign in, choose an organisation and consent.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private const string LinkPurpose = "gateway.oauth.link";
    private const string BeginnerPurpose = "gateway.oauth.beginner";

    /// <summary>For the path of a page.</summary>
    public string Seal(Caller caller, string authorization) => Seal(LinkPurpose, new Sealed(caller.Tenant.Value, caller.Subject, authorization));

    /// <summary>Null where the link was changed or is not one of ours, or its key may not connect any more.</summary>
    public async Task<ConnectLink?> OpenAsync(string text, CancellationToken cancellationToken) =>
        Open(LinkPurpose, text) is { Authorization: { } authorization } link && await CallerAsync(link, cancellationToken) is { } caller
            ? new ConnectLink(authorization, caller)
            : null;

    /// <summary>Who begins a flow, for the browser to bring back.</summary>
    public string SealBeginner(Caller caller) => Seal(BeginnerPurpose, new Sealed(caller.Tenant.Value, caller.Subject, Authorization: null));

    /// <summary>Whether the key that began a flow is still there and an admin's; null where <paramref name="beganBy"/> is none of ours.</summary>
    public async Task<bool?> MayGoOnAsync(string beganBy, CancellationToken cancellationToken) =>
        Open(BeginnerPurpose, beganBy) is { } began ? await CallerAsync(began, cancellationToken) is not null : null;

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
    private async Task<Caller?> CallerAsync(Sealed content, CancellationToken cancellationToken)
    {
        var caller = new Caller(new TenantId(content.Tenant), Role.Admin, content.Subject);
        return await keys.FindAsync(ApiKeyVerifier.KeyIdOf(caller), cancellationToken) is { Role: >= Role.Admin } key
            && key.TenantId == caller.Tenant && !(key.ExpiresAt <= clock.GetUtcNow())
                ? caller
                : null;
    }

    private sealed record Sealed(Guid Tenant, string Subject, string? Authorization);
}
