using System.Collections.Concurrent;
using System.Security.Claims;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// Makes the short-lived tickets that one service shows another. A ticket is a sealed <see cref="Caller"/> that names its tenant;
/// it is sent as gRPC metadata and checked by the in-box bearer token handler.
/// </summary>
public sealed class Tickets
{
    /// <summary>Long enough for one call with its retries; a leaked ticket is worth little.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    // a caller shows the same ticket for a while: making and opening one costs more than many a call
    private static readonly TimeSpan ShownAgain = TimeSpan.FromMinutes(1);

    private const int Kept = 4_000;

    private const string TenantClaim = "tenant";
    private const string RoleClaim = "role";
    private const string SubjectClaim = "sub";

    private readonly TimeProvider _clock;
    private readonly ConfiguredKeyRing _ring;
    private readonly ConcurrentDictionary<Caller, Sealed> _made = new();

    public Tickets(IOptions<TicketOptions> options, TimeProvider clock)
    {
        _clock = clock;
        _ring = new ConfiguredKeyRing("zohoplatform.tickets", options.Value.Secrets);
        Format = new OpenedTickets(new TicketDataFormat(_ring.CreateProtector("ticket", "v1")));
    }

    internal ISecureDataFormat<AuthenticationTicket> Format { get; }

    /// <summary>Seals something of <paramref name="purpose"/> that every replica can open; nothing sealed for another purpose passes for it.</summary>
    public IDataProtector ProtectorFor(string purpose) => _ring.CreateProtector("sealed", purpose);

    /// <summary>Call metadata that carries a ticket of <paramref name="caller"/>, which lives for four minutes at least.</summary>
    public Metadata For(Caller caller)
    {
        var now = _clock.GetUtcNow();
        if (!_made.TryGetValue(caller, out var made) || now - made.At >= ShownAgain)
        {
            var ticket = new AuthenticationTicket(
                ToPrincipal(caller), new AuthenticationProperties { ExpiresUtc = now + Life }, BearerTokenDefaults.AuthenticationScheme);
            made = new Sealed("Bearer " + Format.Protect(ticket), now);
            Keep(_made, caller, made);
        }

        return new Metadata { { "authorization", made.Header } };
    }

    /// <summary>The caller as claims, for an authentication handler that learned of it in another way.</summary>
    public static ClaimsPrincipal ToPrincipal(Caller caller) => new(new ClaimsIdentity(
        [
            new Claim(TenantClaim, caller.Tenant.ToString()),
            new Claim(RoleClaim, caller.Role.ToString()),
            new Claim(SubjectClaim, caller.Subject),
        ],
        BearerTokenDefaults.AuthenticationScheme,
        SubjectClaim,
        RoleClaim));

    /// <summary>The caller behind an authenticated principal, or null where it carries none.</summary>
    public static Caller? FromPrincipal(ClaimsPrincipal principal) =>
        TenantId.TryParse(principal.FindFirstValue(TenantClaim), null, out var tenant)
        && Enum.TryParse<Role>(principal.FindFirstValue(RoleClaim), out var role)
        && principal.FindFirstValue(SubjectClaim) is { } subject
            ? new Caller(tenant, role, subject)
            : null;

    // old ones are not looked for: when there are many, all are made or opened anew
    private static void Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> kept, TKey key, TValue value)
        where TKey : notnull
    {
        if (kept.Count >= Kept)
        {
            kept.Clear();
        }

        kept[key] = value;
    }

    private sealed record Sealed(string Header, DateTimeOffset At);

    /// <summary>Opens a ticket once, however often it is shown. Whether it has expired is looked at every time, by the handler.</summary>
    private sealed class OpenedTickets(ISecureDataFormat<AuthenticationTicket> format) : ISecureDataFormat<AuthenticationTicket>
    {
        private readonly ConcurrentDictionary<string, AuthenticationTicket> _opened = new(StringComparer.Ordinal);

        public string Protect(AuthenticationTicket data) => format.Protect(data);

        public string Protect(AuthenticationTicket data, string? purpose) => format.Protect(data, purpose);

        public AuthenticationTicket? Unprotect(string? protectedText) => Unprotect(protectedText, purpose: null);

        public AuthenticationTicket? Unprotect(string? protectedText, string? purpose)
        {
            if (protectedText is null || purpose is not null)
            {
                return format.Unprotect(protectedText, purpose);
            }

            if (!_opened.TryGetValue(protectedText, out var ticket) && (ticket = format.Unprotect(protectedText)) is not null)
            {
                Keep(_opened, protectedText, ticket);
            }

            return ticket;
        }
    }
}
