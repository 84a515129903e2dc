using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.Simulator.World;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>What the owner of an account agreed to: who, for which client, in which data centre, for what.</summary>
internal sealed record Consent(string ClientId, long Zuid, string DataCentre, IReadOnlyList<string> Scopes);

/// <summary>A live access token. <paramref name="RefreshToken"/> is null for online access.</summary>
internal sealed record AccessToken(string Value, Consent Consent, string? RefreshToken, DateTimeOffset ExpiresAt);

/// <summary>A refresh token that has not been revoked or evicted.</summary>
internal sealed record RefreshToken(string Value, Consent Consent, DateTimeOffset IssuedAt);

/// <summary>Why Zoho Accounts gives no token. The names are those of its token page, <c>Throttled</c> apart.</summary>
internal enum TokenRefusal
{
    InvalidClient,
    InvalidClientSecret,
    InvalidCode,
    InvalidRedirectUri,
    Throttled,
}

/// <summary>Either tokens or why there are none.</summary>
internal sealed record TokenAnswer(AccessToken? Access, string? RefreshToken, TokenRefusal? Refusal)
{
    public static implicit operator TokenAnswer(TokenRefusal refusal) => new(null, null, refusal);
}

/// <summary>
/// Every code and token of every data centre, with the caps of Zoho CRM's "Token Validity" page: single-use codes, ten refreshes in ten
/// minutes, fifteen live access tokens, twenty refresh tokens per user and client.
/// </summary>
internal sealed class TokenLedger(TimeProvider clock, SettingsStore settings, StateChanges changes)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Code> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Grant> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AccessToken> _accessTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<DateTimeOffset>> _codesOfClient = new(StringComparer.Ordinal);
    private readonly HashSet<(string ClientId, long Zuid)> _returning = [];
    private int _lastGrant;

    /// <summary>A new grant code, or null when the client has had its ten of the last ten minutes.</summary>
    /// <param name="consent">What the code stands for.</param>
    /// <param name="redirectUri">Where it was sent; null for a self client, whose code is made in the console.</param>
    /// <param name="refreshable">Whether the exchange gives a refresh token to a user who has one already, or at all.</param>
    /// <param name="life">How long it can be exchanged.</param>
    public string? IssueCode(Consent consent, string? redirectUri, Refreshable refreshable, TimeSpan life)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var old in _codes.Where(code => code.Value.ExpiresAt < now - TimeSpan.FromHours(1)).Select(code => code.Key).ToList())
            {
                _codes.Remove(old);
            }

            if (!_codesOfClient.TryGetValue(consent.ClientId, out var issued))
            {
                _codesOfClient[consent.ClientId] = issued = new();
            }

            DropBefore(issued, now - Window);
            if (issued.Count >= settings.Current.CodesPerTenMinutes)
            {
                return null;
            }

            issued.Enqueue(now);
            var value = NewToken();
            _codes[value] = new(consent, redirectUri, refreshable, now + life);
            return value;
        }
    }

    /// <summary>Exchanges a grant code. The client has been found; its secret is checked here, after the data centre.</summary>
    public TokenAnswer Exchange(OAuthClient client, string? secret, string dataCentre, string? code, string? redirectUri)
    {
        lock (_gate)
        {
            var known = code is null ? null : _codes.GetValueOrDefault(code);
            if (Refuse(client, secret, dataCentre, known?.Consent) is { } refusal)
            {
                return refusal;
            }

            if (known is null || known.Consent.ClientId != client.ClientId || known.ExpiresAt <= clock.GetUtcNow())
            {
                return TokenRefusal.InvalidCode;
            }

            if (known.RedirectUri is not null && known.RedirectUri != redirectUri)
            {
                return TokenRefusal.InvalidRedirectUri;
            }

            _codes.Remove(code!);
            var holder = (client.ClientId, known.Consent.Zuid);
            var grant = known.Refreshable switch
            {
                Refreshable.Always => AddGrant(known.Consent, NewToken()),
                Refreshable.FirstTime when !_returning.Contains(holder) => AddGrant(known.Consent, NewToken()),
                Refreshable.FirstTime or Refreshable.Never => null,
            };
            var access = AddAccessToken(known.Consent, grant);
            changes.Mark();
            return new(access, grant?.Token.Value, null);
        }
    }

    public TokenAnswer Refresh(OAuthClient client, string? secret, string dataCentre, string? refreshToken)
    {
        lock (_gate)
        {
            var grant = refreshToken is null ? null : _grants.GetValueOrDefault(refreshToken);
            if (Refuse(client, secret, dataCentre, grant?.Token.Consent) is { } refusal)
            {
                return refusal;
            }

            if (grant is null || grant.Token.Consent.ClientId != client.ClientId)
            {
                return TokenRefusal.InvalidCode;
            }

            var now = clock.GetUtcNow();
            DropBefore(grant.Refreshes, now - Window);
            if (grant.BlockedUntil > now || grant.Refreshes.Count >= settings.Current.RefreshesPerTenMinutes)
            {
                grant.BlockedUntil = settings.Current.ThrottleExtends ? now + Window : grant.BlockedUntil;
                return TokenRefusal.Throttled;
            }

            grant.Refreshes.Enqueue(now);
            var access = AddAccessToken(grant.Token.Consent, grant);
            changes.Mark();
            return new(access, null, null);
        }
    }

    /// <summary>A ready refresh token, outside the caps of the last ten minutes; the oldest gives way to a twenty-first as ever.</summary>
    public string MintRefreshToken(Consent consent, string? value = null)
    {
        lock (_gate)
        {
            var grant = AddGrant(consent, value ?? NewToken());
            changes.Mark();
            return grant.Token.Value;
        }
    }

    /// <summary>The token as a product sees it: null when it is unknown, expired, ended or of another data centre.</summary>
    public AccessToken? Authenticate(string? value, string dataCentre)
    {
        lock (_gate)
        {
            return value is not null && _accessTokens.TryGetValue(value, out var token)
                && token.ExpiresAt > clock.GetUtcNow() && token.Consent.DataCentre == dataCentre
                ? token
                : null;
        }
    }

    /// <summary>Ends a refresh token with its access tokens, or one access token. False when the data centre does not know it.</summary>
    public bool Revoke(string? value, string dataCentre, string? clientId = null)
    {
        lock (_gate)
        {
            if (value is null)
            {
                return false;
            }

            var consent = _grants.GetValueOrDefault(value)?.Token.Consent ?? _accessTokens.GetValueOrDefault(value)?.Consent;
            if (consent is null || consent.DataCentre != dataCentre || (clientId ?? consent.ClientId) != consent.ClientId)
            {
                return false;
            }

            End(value);
            changes.Mark();
            return true;
        }
    }

    /// <summary>Ends every token that fits; a null means any. Returns how many tokens were named, not those that died with them.</summary>
    public int Kill(TokenKind kind, string? value, string? dataCentre)
    {
        lock (_gate)
        {
            var consents = kind is TokenKind.Refresh
                ? _grants.Values.Select(grant => (grant.Token.Value, grant.Token.Consent))
                : _accessTokens.Values.Select(token => (token.Value, token.Consent));
            var named = consents
                .Where(token => value is null || token.Value == value)
                .Where(token => dataCentre is null || token.Consent.DataCentre == dataCentre)
                .Select(token => token.Value)
                .ToList();
            named.ForEach(End);
            changes.Mark();
            return named.Count;
        }
    }

    public IReadOnlyList<GrantState> Grants()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            return [.. _grants.Values.Select(grant =>
            {
                DropBefore(grant.Refreshes, now - Window);
                return new GrantState(
                    grant.Token,
                    grant.AccessTokens.Count(token => _accessTokens.TryGetValue(token, out var access) && access.ExpiresAt > now),
                    grant.Refreshes.Count,
                    grant.BlockedUntil > now ? grant.BlockedUntil : null);
            })];
        }
    }

    public LedgerSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new(
                [.. _grants.Values.OrderBy(grant => grant.Number).Select(grant => grant.Token)],
                [.. _accessTokens.Values],
                [.. _returning.Select(holder => new ReturningUser(holder.ClientId, holder.Zuid))]);
        }
    }

    public void Restore(LedgerSnapshot snapshot)
    {
        lock (_gate)
        {
            _codes.Clear();
            _codesOfClient.Clear();
            _grants.Clear();
            _accessTokens.Clear();
            _returning.Clear();
            foreach (var token in snapshot.RefreshTokens)
            {
                _grants[token.Value] = new(token, ++_lastGrant);
            }

            foreach (var token in snapshot.AccessTokens)
            {
                _accessTokens[token.Value] = token;
                if (token.RefreshToken is { } parent)
                {
                    _grants[parent].AccessTokens.Add(token.Value);
                }
            }

            foreach (var holder in snapshot.Returning)
            {
                _returning.Add((holder.ClientId, holder.Zuid));
            }
        }
    }

    /// <summary>How a token is named on pages and in logs.</summary>
    public static string Fingerprint(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)).AsSpan(0, 6));

    private static TokenRefusal? Refuse(OAuthClient client, string? secret, string dataCentre, Consent? known)
    {
        if (!client.Secrets.TryGetValue(dataCentre, out var expected) || (known is not null && known.DataCentre != dataCentre))
        {
            return TokenRefusal.InvalidClient;
        }

        return secret == expected ? null : TokenRefusal.InvalidClientSecret;
    }

    private Grant AddGrant(Consent consent, string value)
    {
        _returning.Add((consent.ClientId, consent.Zuid));
        var grant = new Grant(new(value, consent, clock.GetUtcNow()), ++_lastGrant);
        _grants[value] = grant;

        var ofUser = _grants.Values
            .Where(other => other.Token.Consent.ClientId == consent.ClientId && other.Token.Consent.Zuid == consent.Zuid)
            .OrderBy(other => other.Number)
            .ToList();
        foreach (var oldest in ofUser.SkipLast(settings.Current.RefreshTokensPerUser))
        {
            End(oldest.Token.Value);
        }

        return grant;
    }

    private AccessToken AddAccessToken(Consent consent, Grant? grant)
    {
        var now = clock.GetUtcNow();
        var token = new AccessToken(NewToken(), consent, grant?.Token.Value, now.AddSeconds(settings.Current.AccessTokenSeconds));
        _accessTokens[token.Value] = token;
        foreach (var online in _accessTokens.Values.Where(old => old.RefreshToken is null && old.ExpiresAt <= now).ToList())
        {
            _accessTokens.Remove(online.Value);
        }

        if (grant is null)
        {
            return token;
        }

        foreach (var expired in grant.AccessTokens.Where(value => _accessTokens[value].ExpiresAt <= now).ToList())
        {
            _accessTokens.Remove(expired);
            grant.AccessTokens.Remove(expired);
        }

        grant.AccessTokens.Add(token.Value);
        while (grant.AccessTokens.Count > settings.Current.LiveAccessTokens)
        {
            _accessTokens.Remove(grant.AccessTokens[0]);
            grant.AccessTokens.RemoveAt(0);
        }

        return token;
    }

    private void End(string value)
    {
        if (_grants.Remove(value, out var grant))
        {
            grant.AccessTokens.ForEach(token => _accessTokens.Remove(token));
        }
        else if (_accessTokens.Remove(value, out var access) && access.RefreshToken is { } parent)
        {
            _grants[parent].AccessTokens.Remove(value);
        }
    }

    private static void DropBefore(Queue<DateTimeOffset> times, DateTimeOffset limit)
    {
        while (times.TryPeek(out var oldest) && oldest <= limit)
        {
            times.Dequeue();
        }
    }

    private static string NewToken() => $"1000.{NewHalf()}.{NewHalf()}";

    private static string NewHalf() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private sealed record Code(Consent Consent, string? RedirectUri, Refreshable Refreshable, DateTimeOffset ExpiresAt);

    private sealed class Grant(RefreshToken token, int number)
    {
        public RefreshToken Token { get; } = token;

        /// <summary>Rises with every refresh token: which of two is older, also while the clock stands still.</summary>
        public int Number { get; } = number;

        /// <summary>Oldest first.</summary>
        public List<string> AccessTokens { get; } = [];

        public Queue<DateTimeOffset> Refreshes { get; } = new();

        public DateTimeOffset BlockedUntil { get; set; }
    }
}

/// <summary>Whether the exchange of a code gives a refresh token.</summary>
internal enum Refreshable
{
    /// <summary><c>access_type=online</c>.</summary>
    Never,

    /// <summary><c>access_type=offline</c> without <c>prompt=consent</c>: only a user's first time with this client.</summary>
    FirstTime,

    /// <summary><c>access_type=offline</c> with <c>prompt=consent</c>, and self clients.</summary>
    Always,
}

internal enum TokenKind
{
    Access,
    Refresh,
}

/// <summary>A refresh token as the page shows it: live access tokens, refreshes of the last ten minutes, end of the throttle.</summary>
internal sealed record GrantState(RefreshToken Token, int LiveAccessTokens, int RecentRefreshes, DateTimeOffset? BlockedUntil);

internal sealed record ReturningUser(string ClientId, long Zuid);

internal sealed record LedgerSnapshot(
    IReadOnlyList<RefreshToken> RefreshTokens, IReadOnlyList<AccessToken> AccessTokens, IReadOnlyList<ReturningUser> Returning);
