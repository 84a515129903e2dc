using System.Collections.Frozen;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>How the CRM's scopes name modules (Zoho CRM, "OAuth scopes").</summary>
internal static class CrmScopes
{
    /// <summary>Stands in an operation's scope for the module's name.</summary>
    public const string Module = "{module}";

    private const string Custom = "custom";

    private static readonly string[] Verbs = ["READ", "CREATE", "UPDATE", "DELETE"];

    // what the platform's features work with
    private static readonly string[] Used = ["leads", "contacts", Custom];

    private static readonly FrozenSet<string> Standard = new[]
    {
        "leads", "accounts", "contacts", "deals", "campaigns", "tasks", "cases", "events", "calls", "solutions", "products", "vendors",
        "pricebooks", "quotes", "salesorders", "purchaseorders", "invoices", "appointments", "services", "notes",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// A module's name in scopes by its API name: <c>Sales_Orders</c> is <c>salesorders</c>, a module of one's own is <c>custom</c>.
    /// </summary>
    public static string NameOf(string apiName)
    {
        var name = apiName.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        return Standard.Contains(name) ? name : Custom;
    }

    /// <summary>
    /// What a grant must cover for all of <paramref name="methods"/>: an area of which each verb is needed as <c>ALL</c>.
    /// </summary>
    public static IReadOnlyList<string> Of(IEnumerable<CrmMethod> methods)
    {
        var areas = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var scope in methods.SelectMany(method => method.Scopes).SelectMany(InModules))
        {
            var cut = scope.LastIndexOf('.');
            var (area, verb) = (scope[..cut], scope[(cut + 1)..]);
            var verbs = areas.TryGetValue(area, out var known) ? known : areas[area] = [];
            if (!verbs.Contains(verb, StringComparer.Ordinal))
            {
                verbs.Add(verb);
            }
        }

        return [.. areas.SelectMany(area => Verbs.All(verb => area.Value.Contains(verb, StringComparer.Ordinal))
            ? [$"{area.Key}.ALL"]
            : area.Value.Select(verb => $"{area.Key}.{verb}"))];
    }

    private static IEnumerable<string> InModules(string scope) => scope.Contains(Module, StringComparison.Ordinal)
        ? Used.Select(name => scope.Replace(Module, name, StringComparison.Ordinal))
        : [scope];
}
