using System.Security.Cryptography;
using ZohoPlatform.Simulator.World;

namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>What the owner of a portal agreed to.</summary>
internal sealed record HubSpotConsent(long HubId, IReadOnlyList<string> Scopes);

internal sealed record HubSpotToken(string Value, HubSpotConsent Consent, DateTimeOffset IssuedAt, DateTimeOffset? ExpiresAt);

/// <summary>Either tokens or why there are none.</summary>
internal sealed record HubSpotAnswer(HubSpotToken? Access, string? RefreshToken, HubSpotRefusal? Refusal)
{
    public static implicit operator HubSpotAnswer(HubSpotRefusal refusal) => new(null, null, refusal);
}

/// <summary>Every code and token of the demo app. A code works once; refresh tokens live until they are revoked.</summary>
internal sealed class HubSpotLedger(HubSpotDemo demo, TimeProvider clock, SettingsStore settings, StateChanges changes)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(10);

    // HubSpot warns that its access tokens are long: up to 300 characters and more
    private const int AccessTokenBytes = 240;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Code> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HubSpotToken> _refreshTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HubSpotToken> _accessTokens = new(StringComparer.Ordinal);

    public string IssueCode(HubSpotConsent consent, string redirectUri)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var old in _codes.Where(code => code.Value.ExpiresAt < now).Select(code => code.Key).ToList())
            {
                _codes.Remove(old);
            }

            var value = Guid.NewGuid().ToString();
            _codes[value] = new(consent, redirectUri, now + CodeLife);
            return value;
        }
    }

    public HubSpotAnswer Exchange(string? code, string? redirectUri)
    {
        lock (_gate)
        {
            if (code is null || !_codes.TryGetValue(code, out var known) || known.ExpiresAt <= clock.GetUtcNow())
            {
                return HubSpotRefusal.BadAuthCode;
            }

            if (known.RedirectUri != redirectUri)
            {
                return HubSpotRefusal.BadRedirectUri;
            }

            _codes.Remove(code);
            return Grant(known.Consent, AddRefreshToken(known.Consent, NewRefreshToken()));
        }
    }

    public HubSpotAnswer Refresh(string? refreshToken)
    {
        lock (_gate)
        {
            if (refreshToken is null || !_refreshTokens.TryGetValue(refreshToken, out var known))
            {
                return HubSpotRefusal.BadRefreshToken;
            }

            if (!settings.Current.HubspotRotatesRefreshTokens)
            {
                return Grant(known.Consent, refreshToken);
            }

            _refreshTokens.Remove(refreshToken);
            return Grant(known.Consent, AddRefreshToken(known.Consent, NewRefreshToken()));
        }
    }

    public string MintRefreshToken(HubSpotConsent consent)
    {
        lock (_gate)
        {
            return AddRefreshToken(consent, NewRefreshToken());
        }
    }

    /// <summary>An access token, expired ones too for an hour; null when it is unknown.</summary>
    public HubSpotToken? FindAccessToken(string? value)
    {
        lock (_gate)
        {
            return value is null ? null : _accessTokens.GetValueOrDefault(value);
        }
    }

    public HubSpotToken? FindRefreshToken(string? value)
    {
        lock (_gate)
        {
            return value is null ? null : _refreshTokens.GetValueOrDefault(value);
        }
    }

    public bool IsLive(HubSpotToken access) => access.ExpiresAt > clock.GetUtcNow();

    /// <summary>Ends a refresh token; the access tokens it gave live on, as HubSpot says.</summary>
    public bool Revoke(string? refreshToken)
    {
        lock (_gate)
        {
            if (refreshToken is null || !_refreshTokens.Remove(refreshToken))
            {
                return false;
            }

            changes.Mark();
            return true;
        }
    }

    /// <summary>The app is uninstalled everywhere: every token ends. Returns how many refresh tokens that were.</summary>
    public int Uninstall()
    {
        lock (_gate)
        {
            var ended = _refreshTokens.Count;
            _refreshTokens.Clear();
            _accessTokens.Clear();
            changes.Mark();
            return ended;
        }
    }

    public IReadOnlyList<HubSpotGrantState> Grants()
    {
        lock (_gate)
        {
            var live = _accessTokens.Values.Where(IsLive).ToList();
            return [.. _refreshTokens.Values.Select(token => new HubSpotGrantState(
                token, live.Count(access => access.Consent.HubId == token.Consent.HubId)))];
        }
    }

    public HubSpotSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new([.. _refreshTokens.Values], [.. _accessTokens.Values]);
        }
    }

    public void Restore(HubSpotSnapshot snapshot)
    {
        lock (_gate)
        {
            _codes.Clear();
            _refreshTokens.Clear();
            _accessTokens.Clear();
            foreach (var token in snapshot.RefreshTokens)
            {
                _refreshTokens[token.Value] = token;
            }

            foreach (var token in snapshot.AccessTokens)
            {
                _accessTokens[token.Value] = token;
            }
        }
    }

    /// <summary>The first day: the demo refresh token and nothing else.</summary>
    public void Build()
    {
        Restore(new([], []));
        lock (_gate)
        {
            AddRefreshToken(new(HubSpotDemo.Portals[0].HubId, HubSpotDemo.DemoScopes), demo.RefreshToken);
        }
    }

    private HubSpotAnswer Grant(HubSpotConsent consent, string refreshToken)
    {
        var now = clock.GetUtcNow();
        foreach (var old in _accessTokens.Values.Where(token => token.ExpiresAt < now - TimeSpan.FromHours(1)).ToList())
        {
            _accessTokens.Remove(old.Value);
        }

        var value = "CN" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(AccessTokenBytes)).Replace('+', '-').Replace('/', '_');
        var access = new HubSpotToken(value, consent, now, now.AddSeconds(settings.Current.HubspotAccessTokenSeconds));
        _accessTokens[value] = access;
        changes.Mark();
        return new(access, refreshToken, null);
    }

    private string AddRefreshToken(HubSpotConsent consent, string value)
    {
        _refreshTokens[value] = new(value, consent, clock.GetUtcNow(), ExpiresAt: null);
        changes.Mark();
        return value;
    }

    private static string NewRefreshToken() => $"na1-{Guid.NewGuid():D}";

    private sealed record Code(HubSpotConsent Consent, string RedirectUri, DateTimeOffset ExpiresAt);
}

/// <summary>A refresh token as the page shows it, with the live access tokens of its portal.</summary>
internal sealed record HubSpotGrantState(HubSpotToken Token, int LiveAccessTokens);

internal sealed record HubSpotSnapshot(IReadOnlyList<HubSpotToken> RefreshTokens, IReadOnlyList<HubSpotToken> AccessTokens);
