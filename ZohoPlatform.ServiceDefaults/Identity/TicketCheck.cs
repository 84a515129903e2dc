using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
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
    private readonly Dictionary<string, Heard> _issuers;
    private readonly TokenValidationParameters _rules;
    private readonly TokenValidationParameters _statementRules;
    private readonly ConcurrentDictionary<string, OpenTicket> _opened = new(new ByTheirEnd());
    private readonly ConcurrentDictionary<string, OpenTicket>.AlternateLookup<ReadOnlySpan<char>> _openedBySpan;

    /// <param name="service">This service's name, for which tickets must be made.</param>
    /// <param name="options">Whom it hears.</param>
    /// <param name="clock">The host's.</param>
    public TicketCheck(string service, IOptions<TrustOptions> options, TimeProvider clock)
    {
        _clock = clock;
        _issuers = options.Value.Issuers.ToDictionary(
            named => named.Key,
            named => new Heard(
                [.. TicketKeys.Split(named.Value.Keys).Select(key => TicketKeys.ToSecurityKey(TicketKeys.Public(key)!))],
                named.Value.SpeaksForCallers,
                named.Value.SplitCalls()),
            StringComparer.Ordinal);
        _openedBySpan = _opened.GetAlternateLookup<ReadOnlySpan<char>>();
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

    /// <summary>
    /// What <paramref name="ticket"/> is good for; null where it is not for this service, was changed, has ended, or claims too much.
    /// </summary>
    public ValueTask<OpenTicket?> OpenAsync(ReadOnlySpan<char> ticket) =>
        _openedBySpan.TryGetValue(ticket, out var opened)
            ? new(IsAlive(opened.ExpiresAt) ? opened : null)
            : ReadAsync(ticket.ToString());

    /// <summary>What <paramref name="issuer"/> has stated (<see cref="Tickets.State"/>); null where it has not, or is not heard.</summary>
    public async Task<JsonWebToken?> ReadStatementAsync(string issuer, string statement)
    {
        var result = await Handler.ValidateTokenAsync(statement, _statementRules);
        return result is { IsValid: true, SecurityToken: JsonWebToken token } && token.Issuer == issuer ? token : null;
    }

    private async ValueTask<OpenTicket?> ReadAsync(string ticket)
    {
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

        return _opened[ticket] = new OpenTicket(
            caller, new DateTimeOffset(token.ValidTo, TimeSpan.Zero), caller.Role is Role.Service ? _issuers[token.Issuer].Calls : null);
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
        if (from is not null && !(_issuers[token.Issuer].SpeaksForCallers && IPAddress.TryParse(from, out _)))
        {
            return null;
        }

        // on its own account it has no role that a method asks of people, and nobody's owner or permissions
        var isItself = subject == Tickets.ServiceSubject + token.Issuer && role is Role.Service
            && !token.TryGetClaim(Tickets.OwnerClaim, out _) && !token.TryGetClaim(Tickets.ScopeClaim, out _);
        var isItsCaller = role <= Role.Admin && !subject.StartsWith(Tickets.ServiceSubject, StringComparison.Ordinal)
            && _issuers[token.Issuer].SpeaksForCallers;
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

    private sealed record Heard(IReadOnlyList<SecurityKey> Keys, bool SpeaksForCallers, IReadOnlyList<string> Calls);

    /// <summary>A ticket ends in its signature, of which a few characters tell it from all others that were checked.</summary>
    private sealed class ByTheirEnd : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        private const int End = 16;

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

        public int GetHashCode(string obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<char> alternate) =>
            string.GetHashCode(alternate[Math.Max(0, alternate.Length - End)..], StringComparison.Ordinal);

        public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
    }
}

/// <summary>A ticket that <see cref="TicketCheck"/> has found good.</summary>
public sealed class OpenTicket
{
    private readonly IReadOnlyList<string>? _calls;

    /// <param name="caller">Who shows it.</param>
    /// <param name="expiresAt">When it ends.</param>
    /// <param name="calls">What a service may call on its own account; null where it speaks for somebody.</param>
    internal OpenTicket(Caller caller, DateTimeOffset expiresAt, IReadOnlyList<string>? calls)
    {
        (Caller, ExpiresAt, _calls) = (caller, expiresAt, calls);
        Principal = new ClaimsPrincipal(new CallerIdentity(caller));
    }

    public Caller Caller { get; }

    internal DateTimeOffset ExpiresAt { get; }

    /// <summary>The caller as ASP.NET Core passes it on; nobody changes it.</summary>
    internal ClaimsPrincipal Principal { get; }

    /// <summary>
    /// Whether its caller may call <paramref name="method"/>: a service on its own account only what its issuer is configured for
    /// (<see cref="TrustedIssuer.Calls"/>).
    /// </summary>
    /// <param name="method">As gRPC writes it: <c>/package.Service/Method</c>.</param>
    public bool MayCall(ReadOnlySpan<char> method)
    {
        if (_calls is null)
        {
            return true;
        }

        if (method is not ['/', .. var name])
        {
            return false;
        }

        foreach (var allowed in _calls)
        {
            if (name.StartsWith(allowed, StringComparison.Ordinal) && (name.Length == allowed.Length || name[allowed.Length] == '/'))
            {
                return true;
            }
        }

        return false;
    }
}
