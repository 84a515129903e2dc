namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>
/// One of Zoho's finance products. They answer alike and share what an organisation has of both, and each has an API, scopes and limits of its own.
/// </summary>
/// <param name="Name">As features and requests name it: <c>books</c>.</param>
/// <param name="Title">As people know it.</param>
/// <param name="Path">Of its API, below the data centre's API host.</param>
/// <param name="ScopePrefix">What its scopes begin with.</param>
public sealed record FinanceProduct(string Name, string Title, string Path, string ScopePrefix)
{
    public static readonly FinanceProduct Books = new("books", "Zoho Books", "/books/v3", "ZohoBooks");

    public static readonly FinanceProduct Inventory = new("inventory", "Zoho Inventory", "/inventory/v1", "ZohoInventory");

    /// <summary>Takes the organisation from a header.</summary>
    public static readonly FinanceProduct Invoice = new("invoice", "Zoho Invoice", "/invoice/v3", "ZohoInvoice")
    {
        OrganizationHeader = "X-com-zoho-invoice-organizationid",
    };

    public static readonly IReadOnlyList<FinanceProduct> All = [Books, Inventory, Invoice];

    /// <summary>Which organisation a call is about, beside the query's <c>organization_id</c>; null where the query alone says it.</summary>
    public string? OrganizationHeader { get; private init; }

    public override string ToString() => Name;
}
