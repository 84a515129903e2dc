using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// Makes the short-lived tickets that this service shows to others: a <see cref="Caller"/> as a JWT (RFC 7519), signed with this service's
/// own key (ES256) for one service, and sent as gRPC metadata. Who may claim what is decided where it is heard, see <see cref="TrustOptions"/>.
/// </summary>
public sealed class Tickets
{
    /// <summary>Long enough for one call with its retries; a leaked ticket is worth little.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    internal const string TenantClaim = "tenant";
    internal const string RoleClaim = "role";
    internal const string OwnerClaim = "owner";
    internal const string ScopeClaim = "scope";
    internal const string FromClaim = "from";
    internal const string StatementType = "statement+jwt";
    internal const string ServiceSubject = "service:";

    // a caller shows the same ticket for a while: making and checking one costs more than many a call
    private static readonly TimeSpan ShownAgain = TimeSpan.FromMinutes(1);

    private const int Kept = 4_000;

    private readonly string _service;
    private readonly TimeProvider _clock;
    private readonly SigningCredentials _key;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly ConcurrentDictionary<(Caller Caller, string Audience), Made> _made = new();

    /// <param name="service">This service's name, under which others trust its key: <c>gateway</c>, <c>campaigns</c>.</param>
    /// <param name="options">Its key.</param>
    /// <param name="clock">The host's.</param>
    public Tickets(string service, IOptions<TicketOptions> options, TimeProvider clock)
    {
        (_service, _clock) = (service, clock);
        var key = TicketKeys.Private(options.Value.SigningKey) ?? throw new InvalidOperationException("Tickets:SigningKey is no key.");
        _key = new SigningCredentials(TicketKeys.ToSecurityKey(key), SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>Names the key that it signs with, as what it has signed does.</summary>
    public string KeyId => _key.Key.KeyId;

    /// <summary>This service itself, working for <paramref name="tenant"/>.</summary>
    public Caller OwnCaller(TenantId tenant) => new(tenant, Role.Service, ServiceSubject + _service);

    /// <summary>
    /// Call metadata with a ticket of <paramref name="caller"/> for the service <paramref name="audience"/>, which lives for four minutes at least.
    /// </summary>
    public Metadata For(Caller caller, string audience) => new() { { "authorization", HeaderFor(caller, audience) } };

    /// <summary>
    /// What this service says and another keeps, signed with the same key (a JWS). It names nobody for whom it is made and never ends, so that
    /// it is no ticket. Read by <see cref="TicketCheck.ReadStatementAsync"/>.
    /// </summary>
    public string State(IDictionary<string, object> claims) => _handler.CreateToken(new SecurityTokenDescriptor
    {
        TokenType = StatementType,
        Issuer = _service,
        Claims = claims,
        SigningCredentials = _key,
    });

    internal string HeaderFor(Caller caller, string audience)
    {
        var now = _clock.GetUtcNow();
        if (!_made.TryGetValue((caller, audience), out var made) || now - made.At >= ShownAgain)
        {
            // old ones are not looked for: when there are many, all are made anew
            if (_made.Count >= Kept)
            {
                _made.Clear();
            }

            made = new Made("Bearer " + Sign(caller, audience, now), now);
            _made[(caller, audience)] = made;
        }

        return made.Header;
    }

    private string Sign(Caller caller, string audience, DateTimeOffset now) => _handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = _service,
        Audience = audience,
        IssuedAt = now.UtcDateTime,
        Expires = (now + Life).UtcDateTime,
        Claims = ClaimsOf(caller),
        SigningCredentials = _key,
    });

    private static Dictionary<string, object> ClaimsOf(Caller caller)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [JwtRegisteredClaimNames.Sub] = caller.Subject,
            [TenantClaim] = caller.Tenant.ToString(),
            [RoleClaim] = caller.Role.ToString(),
        };
        if (caller.Owner is { } owner)
        {
            claims[OwnerClaim] = owner;
        }

        if (caller.Scope.Length > 0)
        {
            claims[ScopeClaim] = caller.Scope;
        }

        if (caller.From is { } from)
        {
            claims[FromClaim] = from;
        }

        return claims;
    }

    private sealed record Made(string Header, DateTimeOffset At);
}
