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

    private const string TenantClaim = "tenant";
    private const string RoleClaim = "role";
    private const string SubjectClaim = "sub";

    private readonly TimeProvider _clock;
    private readonly IDataProtectionProvider _ring;

    public Tickets(IOptions<TicketOptions> options, TimeProvider clock)
    {
        _clock = clock;
        _ring = TicketKeys.CreateProvider(options.Value.Secrets);
        Format = new TicketDataFormat(_ring.CreateProtector("ticket", "v1"));
    }

    internal ISecureDataFormat<AuthenticationTicket> Format { get; }

    /// <summary>Seals something of <paramref name="purpose"/> that every replica can open; nothing sealed for another purpose passes for it.</summary>
    public IDataProtector ProtectorFor(string purpose) => _ring.CreateProtector("sealed", purpose);

    /// <summary>Call metadata that carries a ticket of <paramref name="caller"/>.</summary>
    public Metadata For(Caller caller)
    {
        var ticket = new AuthenticationTicket(
            ToPrincipal(caller),
            new AuthenticationProperties { ExpiresUtc = _clock.GetUtcNow() + Life },
            BearerTokenDefaults.AuthenticationScheme);
        return new Metadata { { "authorization", "Bearer " + Format.Protect(ticket) } };
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
}
