using System.Collections.Frozen;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>
/// The scopes the simulator knows, <c>Product.area.VERB</c>, upper and lower case kept apart as Zoho does. Areas by Zoho CRM "Scopes",
/// Zoho Campaigns "OAuth scopes" and Zoho Books "OAuth scopes".
/// </summary>
internal static class Scopes
{
    private static readonly FrozenSet<string> Verbs =
        new[] { "ALL", "READ", "CREATE", "UPDATE", "DELETE", "WRITE", "CREATE-UPDATE" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> Finance = Areas(
        ("contacts", "customers and vendors"), ("settings", "organisation settings"), ("items", "items"), ("invoices", "invoices"),
        ("estimates", "estimates"),
        ("salesorders", "sales orders"), ("purchaseorders", "purchase orders"), ("bills", "bills"), ("creditnotes", "credit notes"),
        ("customerpayments", "customer payments"), ("vendorpayments", "vendor payments"), ("expenses", "expenses"),
        ("banking", "bank accounts"),
        ("projects", "projects"), ("accountants", "accounts and journals"), ("packages", "packages"), ("shipmentorders", "shipments"));

    private static readonly FrozenDictionary<string, (string Name, FrozenDictionary<string, string> Areas)> Products =
        new Dictionary<string, (string, FrozenDictionary<string, string>)>(StringComparer.Ordinal)
        {
            ["AaaServer"] = ("Zoho Accounts", Areas(("profile", "your profile: name and email address"))),
            ["ZohoCampaigns"] = ("Zoho Campaigns", Areas(
                ("contact", "mailing lists and their contacts"), ("campaign", "campaigns and their reports"))),
            ["ZohoCRM"] = ("Zoho CRM", Areas(
                ("modules", "records of all modules"), ("settings", "modules, fields and layouts"), ("users", "users"),
                ("org", "the organisation"),
                ("coql", "queries"), ("bulk", "bulk reads and writes"), ("notifications", "notifications"))),
            ["ZohoSearch"] = ("Zoho Search", Areas(("securesearch", "search results"))),
            ["ZohoBooks"] = ("Zoho Books", Finance),
            ["ZohoInventory"] = ("Zoho Inventory", Finance),
            ["ZohoInvoice"] = ("Zoho Invoice", Finance),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Splits a scope parameter: commas as documented, spaces as also seen to work.</summary>
    public static IReadOnlyList<string> Parse(string? scopes) =>
        [.. (scopes ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    public static string? FirstUnknown(IEnumerable<string> scopes) => scopes.FirstOrDefault(scope => Describe(scope) is null);

    /// <summary>What a scope lets its holder do, in words; null when there is no such scope.</summary>
    public static string? Describe(string scope)
    {
        var parts = scope.Split('.');
        if (parts.Length < 3 || !Products.TryGetValue(parts[0], out var product))
        {
            return null;
        }

        if (parts is [_, "fullaccess" or "FullAccess", "all"])
        {
            return parts[0] is "ZohoBooks" or "ZohoInventory" or "ZohoInvoice" ? $"{product.Name}: full access" : null;
        }

        if (!product.Areas.TryGetValue(parts[1], out var area) || !Verbs.Contains(parts[^1]))
        {
            return null;
        }

        // ZohoCRM.modules.leads.READ names one module; nothing else has four parts
        return parts.Length switch
        {
            3 => $"{product.Name}: {Verb(parts[2])} {area}",
            4 when parts is ["ZohoCRM", "modules" or "settings", { Length: > 0 }, _] => $"{product.Name}: {Verb(parts[3])} {parts[2]}",
            _ => null,
        };
    }

    /// <summary>Whether a token with these scopes may do what <paramref name="needed"/> names.</summary>
    public static bool Allow(IReadOnlyCollection<string> granted, string needed)
    {
        var cut = needed.LastIndexOf('.');
        var (area, verb) = (needed[..cut], needed[(cut + 1)..]);
        return granted.Any(scope => scope == needed
            || scope == $"{area}.ALL"
            || (verb is "CREATE" or "UPDATE" && (scope == $"{area}.WRITE" || scope == $"{area}.CREATE-UPDATE")));
    }

    private static string Verb(string verb) => verb switch
    {
        "ALL" => "see, add, change and delete",
        "READ" => "see",
        "CREATE" => "add",
        "UPDATE" => "change",
        "DELETE" => "delete",
        _ => "add and change",
    };

    private static FrozenDictionary<string, string> Areas(params (string Area, string Words)[] areas) =>
        areas.ToFrozenDictionary(area => area.Area, area => area.Words, StringComparer.Ordinal);
}
