using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// Opens tickets that are made for this service by services that it hears. A signature is checked once, however often a ticket is shown;
/// whether it has ended is looked at every time.
/// </summary>
public sealed class TicketCheck
{
    private const int Kept = 4_000;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    // two machines' clocks may differ by so much before one's tickets seem to live too long
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock;
    private readonly Dictionary<string, (TrustedIssuer Issuer, List<SecurityKey> Keys)> _issuers;
    private readonly TokenValidationParameters _rules;
    private readonly TokenValidationParameters _statementRules;
    private readonly ConcurrentDictionary<string, Opened> _opened = new(StringComparer.Ordinal);

    /// <param name="service">This service's name, for which tickets must be made.</param>
    /// <param name="options">Whom it hears.</param>
    /// <param name="clock">The host's.</param>
    public TicketCheck(string service, IOptions<TrustOptions> options, TimeProvider clock)
    {
        _clock = clock;
        _issuers = options.Value.Issuers.ToDictionary(
            named => named.Key,
            named => (named.Value, TicketKeys.Split(named.Value.Keys).Select(key => (SecurityKey)TicketKeys.ToSecurityKey(TicketKeys.Public(key)!)).ToList()),
            StringComparer.Ordinal);
        _rules = new TokenValidationParameters
        {
            ValidAudience = service,
            ValidIssuers = _issuers.Keys,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            // only its own issuer's: a ticket in another's name does not pass
            IssuerSigningKeyResolver = (_, token, id, _) =>
                _issuers.TryGetValue(token.Issuer, out var issuer) ? issuer.Keys.Where(key => key.KeyId == id) : [],
            LifetimeValidator = (_, expires, _, _) => expires is { } end && IsAlive(new DateTimeOffset(end, TimeSpan.Zero)),
        };
        _statementRules = new TokenValidationParameters
        {
            ValidTypes = [Tickets.StatementType],
            ValidIssuers = _rules.ValidIssuers,
            ValidAlgorithms = _rules.ValidAlgorithms,
            IssuerSigningKeyResolver = _rules.IssuerSigningKeyResolver,
            ValidateAudience = false,
            ValidateLifetime = false,
            RequireExpirationTime = false,
        };
    }

    /// <summary>Who shows <paramref name="ticket"/>; null where it is not for this service, was changed, has ended, or claims too much.</summary>
    public async ValueTask<Caller?> OpenAsync(string ticket)
    {
        if (_opened.TryGetValue(ticket, out var opened))
        {
            return IsAlive(opened.ExpiresAt) ? opened.Caller : null;
        }

        var result = await Handler.ValidateTokenAsync(ticket, _rules);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token || CallerIn(token) is not { } caller)
        {
            return null;
        }

        // old ones are not looked for: when there are many, all are checked anew
        if (_opened.Count >= Kept)
        {
            _opened.Clear();
        }

        opened = new Opened(caller, new DateTimeOffset(token.ValidTo, TimeSpan.Zero));
        _opened[ticket] = opened;
        return opened.Caller;
    }

    /// <summary>Whether <paramref name="caller"/> may call <paramref name="method"/>: a service on its own account only what its issuer is configured for.</summary>
    /// <param name="caller">Whom <see cref="OpenAsync"/> found.</param>
    /// <param name="method">As gRPC writes it: <c>/package.Service/Method</c>.</param>
    public bool MayCall(Caller caller, string method) =>
        caller.Role is not Role.Service || _issuers[caller.Subject[Tickets.ServiceSubject.Length..]].Issuer.MayCall(method);

    /// <summary>What <paramref name="issuer"/> has stated (<see cref="Tickets.State"/>); null where it has not, or is not heard.</summary>
    public async Task<JsonWebToken?> ReadStatementAsync(string issuer, string statement)
    {
        var result = await Handler.ValidateTokenAsync(statement, _statementRules);
        return result is { IsValid: true, SecurityToken: JsonWebToken token } && token.Issuer == issuer ? token : null;
    }

    private bool IsAlive(DateTimeOffset expiresAt)
    {
        var left = expiresAt - _clock.GetUtcNow();
        return left > TimeSpan.Zero && left <= Tickets.Life + ClockDifference;
    }

    private Caller? CallerIn(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<string>(Tickets.TenantClaim, out var tenantText) || !TenantId.TryParse(tenantText, null, out var tenant)
            || !token.TryGetPayloadValue<string>(Tickets.RoleClaim, out var roleText) || !Enum.TryParse<Role>(roleText, out var role)
            || !Enum.IsDefined(role) || token.Subject is not { Length: > 0 } subject)
        {
            return null;
        }

        // where a caller is, only who sees callers can say
        var from = token.TryGetPayloadValue<string>(Tickets.FromClaim, out var address) ? address : null;
        if (from is not null && !(_issuers[token.Issuer].Issuer.SpeaksForCallers && IPAddress.TryParse(from, out _)))
        {
            return null;
        }

        // on its own account it has no role that a method asks of people, and nobody's owner or permissions
        var isItself = subject == Tickets.ServiceSubject + token.Issuer && role is Role.Service
            && !token.TryGetClaim(Tickets.OwnerClaim, out _) && !token.TryGetClaim(Tickets.ScopeClaim, out _);
        var isItsCaller = role <= Role.Admin && !subject.StartsWith(Tickets.ServiceSubject, StringComparison.Ordinal)
            && _issuers[token.Issuer].Issuer.SpeaksForCallers;
        if (!isItself && !isItsCaller)
        {
            return null;
        }

        // an owner narrows what is seen: one that cannot be read must not widen it
        token.TryGetPayloadValue<string>(Tickets.OwnerClaim, out var owner);
        token.TryGetPayloadValue<string>(Tickets.ScopeClaim, out var scope);
        return owner is { Length: 0 } || (owner is null && token.TryGetClaim(Tickets.OwnerClaim, out _))
            ? null
            : new Caller(tenant, role, subject) { Owner = owner, Scope = scope ?? "", From = from };
    }

    private sealed record Opened(Caller Caller, DateTimeOffset ExpiresAt);
}
