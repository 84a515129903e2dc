using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Redis;
using When = StackExchange.Redis.When;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>What an admin asked to connect: sealed into a link that a browser, which has no key, can open once within ten minutes.</summary>
internal sealed record OAuthStart(string Provider, Caller Caller, IReadOnlyList<string> Features, string DataCentre, string Owner)
{
    /// <summary>Scopes beside those of the features.</summary>
    public IReadOnlyList<string> ExtraScopes { get; init; } = [];
}

/// <summary>What a link holds.</summary>
internal sealed record OpenedLink(Guid Id, OAuthStart Start);

/// <summary>
/// Seals <see cref="OAuthStart"/>s. A link is good for beginning this one flow once and for nothing else, and only while the key that made
/// it is there and an admin's. Redis keeps which were used: while it is away none opens.
/// </summary>
internal sealed class OAuthStartLinks(IDataProtectionProvider ring, ApiKeyStore keys, RedisServer redis, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private const string Purpose = "gateway.oauth.start";
    private const string BeginnerPurpose = "gateway.oauth.beginner";

    public (string Sealed, DateTimeOffset ExpiresAt) Seal(OAuthStart start)
    {
        var expiresAt = clock.GetUtcNow() + Life;
        var caller = start.Caller;
        var link = new Link(
            Guid.NewGuid(),
            start.Provider, caller.Tenant.Value, caller.Role, caller.Subject, caller.From, start.Features, start.DataCentre, start.Owner, expiresAt)
        {
            ExtraScopes = start.ExtraScopes,
        };
        var payload = ring.CreateProtector(Purpose).Protect(JsonSerializer.SerializeToUtf8Bytes(link));
        return (WebEncoders.Base64UrlEncode(payload), expiresAt);
    }

    /// <summary>Null where the link was changed, is not one of ours or is too old, or its key may not connect any more.</summary>
    public async Task<OpenedLink?> OpenAsync(string text, CancellationToken cancellationToken)
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

        if (link is null || link.ExpiresAt <= clock.GetUtcNow())
        {
            return null;
        }

        var caller = new Caller(new TenantId(link.Tenant), link.Role, link.Subject) { From = link.From };
        return await MayConnectAsync(caller, cancellationToken)
            ? new OpenedLink(link.Id, new OAuthStart(link.Provider, caller, link.Features, link.DataCentre, link.Owner)
            {
                ExtraScopes = link.ExtraScopes,
            })
            : null;
    }

    /// <summary>Who begins a flow, for the browser to bring back.</summary>
    public string SealBeginner(Caller caller) => WebEncoders.Base64UrlEncode(
        ring.CreateProtector(BeginnerPurpose).Protect(JsonSerializer.SerializeToUtf8Bytes(new Beginner(caller.Tenant.Value, caller.Subject))));

    /// <summary>Whether the key that began a flow is still there and an admin's; null where <paramref name="beganBy"/> is none of ours.</summary>
    public async Task<bool?> MayGoOnAsync(string beganBy, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize<Beginner>(ring.CreateProtector(BeginnerPurpose).Unprotect(WebEncoders.Base64UrlDecode(beganBy))) is { } began
                && await MayConnectAsync(new Caller(new TenantId(began.Tenant), Role.Admin, began.Subject), cancellationToken);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    // as the key is at this moment, not as it is remembered
    private async Task<bool> MayConnectAsync(Caller caller, CancellationToken cancellationToken) =>
        await keys.FindAsync(ApiKeyVerifier.KeyIdOf(caller), cancellationToken) is { Role: >= Role.Admin } key
            && key.TenantId == caller.Tenant && !(key.ExpiresAt <= clock.GetUtcNow());

    /// <summary>True for one of all who open the link, at whichever replica.</summary>
    /// <exception cref="RedisUnavailableException">Nobody can say.</exception>
    public Task<bool> UseUpAsync(OpenedLink link, CancellationToken cancellationToken) => redis.AskAsync(
        database => database.StringSetAsync($"{{gateway:oauth-link:{link.Id:N}}}", "used", Life, When.NotExists), cancellationToken);

    private sealed record Beginner(Guid Tenant, string Subject);

    private sealed record Link(
        Guid Id,
        string Provider,
        Guid Tenant,
        Role Role,
        string Subject,
        string? From,
        IReadOnlyList<string> Features,
        string DataCentre,
        string Owner,
        DateTimeOffset ExpiresAt)
    {
        public IReadOnlyList<string> ExtraScopes { get; init; } = [];
    }
}
