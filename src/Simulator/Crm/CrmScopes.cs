using System.Collections.Frozen;
using ZohoPlatform.Simulator.Accounts;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>Which scope lets a token do what: that of the one module, or that of all modules.</summary>
internal static class CrmScopes
{
    private static readonly FrozenSet<string> OwnNames =
        new[] { "Leads", "Contacts", "Accounts", "Deals", "Tasks", "Calls", "Notes" }.ToFrozenSet(StringComparer.Ordinal);

    public static string Module(string apiName, string verb) =>
        $"ZohoCRM.modules.{(OwnNames.Contains(apiName) ? apiName.ToLowerInvariant() : "custom")}.{verb}";

    public static string Setting(string area, string verb) => $"ZohoCRM.settings.{area}.{verb}";

    public static bool Allow(IReadOnlyCollection<string> granted, string needed)
    {
        if (Scopes.Allow(granted, needed))
        {
            return true;
        }

        return needed.Split('.') is [var product, var area, _, var verb] && Scopes.Allow(granted, $"{product}.{area}.{verb}");
    }

    public static CrmError Mismatch(CrmSettings settings) =>
        new("OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL", [], settings.ScopeMismatchStatus);
}
