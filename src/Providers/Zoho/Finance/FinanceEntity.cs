namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>
/// A kind of record of the finance products (the references of Books v3, Inventory v1 and Invoice v3). A list has no lines: who wants them reads the
/// record by its id.
/// </summary>
/// <param name="Name">In paths, and what a list's answer calls its records: <c>invoices</c>.</param>
/// <param name="IdField">Digits, 17 to 19 of them.</param>
/// <param name="ScopeArea">How scopes name it.</param>
/// <param name="Products">Which have it.</param>
public sealed record FinanceEntity(string Name, string IdField, string ScopeArea, params IReadOnlyList<FinanceProduct> Products)
{
    private static readonly FinanceProduct[] Everywhere = [FinanceProduct.Books, FinanceProduct.Inventory, FinanceProduct.Invoice];
    private static readonly FinanceProduct[] BooksAndInventory = [FinanceProduct.Books, FinanceProduct.Inventory];
    private static readonly FinanceProduct[] BooksAndInvoice = [FinanceProduct.Books, FinanceProduct.Invoice];

    public static readonly FinanceEntity Contacts = new("contacts", "contact_id", "contacts", Everywhere)
    {
        // ascending order was recorded
        SortsByChange = [FinanceProduct.Books],
    };

    /// <summary>Read with the settings' scope; Inventory's references name two, and both are asked for.</summary>
    public static readonly FinanceEntity Items = new("items", "item_id", "settings", Everywhere)
    {
        ChangedSince = [FinanceProduct.Inventory],
        SortsByChange = [FinanceProduct.Inventory],
    };

    public static readonly FinanceEntity Invoices = new("invoices", "invoice_id", "invoices", Everywhere)
    {
        ChangedSince = [FinanceProduct.Books],
        HasLines = true,
    };

    public static readonly FinanceEntity Estimates = new("estimates", "estimate_id", "estimates", BooksAndInvoice) { HasLines = true };

    public static readonly FinanceEntity CreditNotes = new("creditnotes", "creditnote_id", "creditnotes", Everywhere) { HasLines = true };

    public static readonly FinanceEntity CustomerPayments = new("customerpayments", "payment_id", "customerpayments", Everywhere);

    public static readonly FinanceEntity Expenses = new("expenses", "expense_id", "expenses", BooksAndInvoice);

    public static readonly FinanceEntity Bills = new("bills", "bill_id", "bills", BooksAndInventory)
    {
        ChangedSince = [FinanceProduct.Books],
        HasLines = true,
    };

    public static readonly FinanceEntity PurchaseOrders = new("purchaseorders", "purchaseorder_id", "purchaseorders", BooksAndInventory)
    {
        ChangedSince = [FinanceProduct.Books],
        HasLines = true,
    };

    public static readonly FinanceEntity SalesOrders = new("salesorders", "salesorder_id", "salesorders", BooksAndInventory)
    {
        ChangedSince = [FinanceProduct.Books],
        SortsByChange = [FinanceProduct.Books],
        HasLines = true,
    };

    public static readonly FinanceEntity Packages = new("packages", "package_id", "packages", FinanceProduct.Inventory) { HasLines = true };

    public static readonly IReadOnlyList<FinanceEntity> All =
    [
        Contacts, Items, Invoices, Estimates, CreditNotes, CustomerPayments, Expenses, Bills, PurchaseOrders, SalesOrders, Packages,
    ];

    /// <summary>Where <c>last_modified_time</c> is documented to narrow its list: elsewhere it is ignored without a word.</summary>
    public IReadOnlyList<FinanceProduct> ChangedSince { get; private init; } = [];

    /// <summary>Where its list can be had in the order of changes.</summary>
    public IReadOnlyList<FinanceProduct> SortsByChange { get; private init; } = [];

    /// <summary>Whether a record has lines, which its list does not show.</summary>
    public bool HasLines { get; private init; }

    public override string ToString() => Name;
}
