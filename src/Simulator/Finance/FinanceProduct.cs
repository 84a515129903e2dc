namespace ZohoPlatform.Simulator.Finance;

/// <summary>The three products, one or several.</summary>
[Flags]
internal enum Products
{
    None = 0,
    Books = 1,
    Inventory = 2,
    Invoice = 4,
    All = Books | Inventory | Invoice,
}

/// <summary>
/// One product of Zoho Finance: a view of the organisation's rows under an address and scopes of its own. <c>Location</c> tells the path of the
/// older hosts.
/// </summary>
internal sealed record FinanceProduct(Products Product, string Name, string Path, string OldPath, string Scope)
{
    public static readonly IReadOnlyList<FinanceProduct> All =
    [
        new(Products.Books, "books", "/books/v3/", "/api/v3/", "ZohoBooks"),
        new(Products.Inventory, "inventory", "/inventory/v1/", "/api/v1/", "ZohoInventory"),
        new(Products.Invoice, "invoice", "/invoice/v3/", "/api/v3/", "ZohoInvoice"),
    ];

    public static FinanceProduct? OfPath(string path) =>
        All.FirstOrDefault(product => path.StartsWith(product.Path, StringComparison.Ordinal));

    /// <summary>The scopes any of which opens something of an area.</summary>
    public IEnumerable<string> Scopes(string area, string verb)
    {
        // items stand under settings in Books and Invoice; of Inventory one page says items, another settings
        var areas = (area, Product) switch
        {
            ("items", Products.Inventory) => ["items", "settings"],
            ("items", _) => ["settings"],
            ("itemdetails", Products.Books) => ["settings"],
            ("itemdetails", Products.Inventory) => ["items", "settings"],
            ("itemdetails", _) => ["items"],
            _ => new[] { area },
        };
        return areas.Select(one => $"{Scope}.{one}.{verb}");
    }

    public bool Allows(IReadOnlyCollection<string> granted, string area, string verb) =>
        granted.Contains($"{Scope}.fullaccess.all", StringComparer.Ordinal) || Scopes(area, verb).Any(needed => Accounts.Scopes.Allow(granted, needed));
}
