using System.Security.Claims;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>A <see cref="Caller"/> as ASP.NET Core passes on whom it has authenticated.</summary>
public sealed class CallerIdentity(Caller caller) : ClaimsIdentity(authenticationType: "caller")
{
    /// <summary>The caller behind an authenticated principal, or null where it carries none.</summary>
    public static Caller? CallerOf(ClaimsPrincipal principal)
    {
        if (principal.Identity is CallerIdentity only)
        {
            return only.Caller;
        }

        // one of several, where authorization has authenticated by more than one scheme
        foreach (var identity in principal.Identities)
        {
            if (identity is CallerIdentity found)
            {
                return found.Caller;
            }
        }

        return null;
    }

    public Caller Caller => caller;
}
