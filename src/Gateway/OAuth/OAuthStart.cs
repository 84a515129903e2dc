using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>What an admin asked to connect: sealed into a link that their browser, which has no key, can open for ten minutes.</summary>
internal sealed record OAuthStart(string Provider, Caller Caller, IReadOnlyList<string> Features, string DataCentre, string Owner);

/// <summary>Seals <see cref="OAuthStart"/>s. A link is good for beginning this one flow and for nothing else.</summary>
internal sealed class OAuthStartLinks(IDataProtectionProvider ring, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private const string Purpose = "gateway.oauth.start";

    public (string Sealed, DateTimeOffset ExpiresAt) Seal(OAuthStart start)
    {
        var expiresAt = clock.GetUtcNow() + Life;
        var caller = start.Caller;
        var link = new Link(
            start.Provider, caller.Tenant.Value, caller.Role, caller.Subject, caller.From, start.Features, start.DataCentre, start.Owner, expiresAt);
        var payload = ring.CreateProtector(Purpose).Protect(JsonSerializer.SerializeToUtf8Bytes(link));
        return (WebEncoders.Base64UrlEncode(payload), expiresAt);
    }

    /// <summary>Null where the link was changed, is not one of ours, or is too old.</summary>
    public OAuthStart? Open(string text)
    {
        Link? link;
        try
        {
            link = JsonSerializer.Deserialize<Link>(ring.CreateProtector(Purpose).Unprotect(WebEncoders.Base64UrlDecode(text)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }

        return link is null || link.ExpiresAt <= clock.GetUtcNow()
            ? null
            : new OAuthStart(
                link.Provider,
                new Caller(new TenantId(link.Tenant), link.Role, link.Subject) { From = link.From },
                link.Features,
                link.DataCentre,
                link.Owner);
    }

    private sealed record Link(
        string Provider,
        Guid Tenant,
        Role Role,
        string Subject,
        string? From,
        IReadOnlyList<string> Features,
        string DataCentre,
        string Owner,
        DateTimeOffset ExpiresAt);
}
