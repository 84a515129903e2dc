using System.Security.Claims;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>A <see cref="Caller"/> as ASP.NET Core passes on whom it has authenticated.</summary>
public sealed class CallerPrincipal(Caller caller) : ClaimsPrincipal(new ClaimsIdentity(authenticationType: "caller"))
{
    public Caller Caller => caller;

    /// <summary>The caller behind an authenticated principal, or null where it carries none.</summary>
    public static Caller? CallerOf(ClaimsPrincipal principal) => (principal as CallerPrincipal)?.Caller;
}
