namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// Every entity that is played. Fields, filters, sort columns, states and codes by Zoho's published OpenAPI files of Books and Inventory, the
/// pages of Invoice v3, and recorded answers.
/// </summary>
internal static class FinanceEntities
{
    private const string OfTransaction =
        "status reference_number:tw date:aw currency_id:k currency_code exchange_rate:nwx total:n";

    private const string TotalsOfDetail =
        " sub_total:nd tax_total:nd discount_total:nd shipping_charge:nwd adjustment:nwd bcy_total:nd price_precision:ndx is_inclusive_tax:bwd"
        + " discount_type:td notes:twd terms:twd taxes:sd documents:sdx";

    private static readonly ListRules Unfiltered = new("", "created_time last_modified_time") { IsSearchable = false };

    public static readonly FinanceEntity Contacts = new("contacts", "contact", "contact_id", "Contact", Products.All)
    {
        Title = "contact_name",
        TakenCode = 3062,
        Required = "contact_name",
        FieldList = "contact_name:tw200 customer_name:tl vendor_name:tl company_name:tw contact_type:tw customer_sub_type:tw status first_name"
            + " last_name email phone mobile website:tw contact_number:tw currency_id:kw currency_code payment_terms:nw payment_terms_label:tw"
            + " outstanding_receivable_amount:n outstanding_receivable_amount_bcy:n outstanding_payable_amount:n"
            + " unused_credits_receivable_amount:n portal_status source tags:sl contact_persons:swd billing_address:owd shipping_address:owd"
            + " notes:twd",
        Choices = "contact_type=customer,vendor customer_sub_type=business,individual",
        States = "active inactive",
        Actions = "active=active inactive=inactive",
        DefaultSort = "contact_name",
        SortsUpwards = true,
        ListsCustomArrays = true,
        Rules = new(
            "contact_type contact_name~ company_name~ first_name~ last_name~ address~ email~ phone~ zcrm_contact_id zcrm_account_id zcrm_vendor_id",
            "contact_name first_name last_name email outstanding_receivable_amount created_time last_modified_time"),
        InventoryRules = new(
            "contact_name~ company_name~ first_name~ last_name~ address~ email~ phone~",
            "contact_name first_name last_name email outstanding_receivable_amount created_time last_modified_time"),
        InvoiceRules = new("", "contact_name first_name last_name email outstanding_receivable_amount created_time last_modified_time"),
    };

    public static readonly FinanceEntity Items = new("items", "item", "item_id", "Item", Products.All)
    {
        Title = "name",
        TakenCode = 1000,
        GoneCode = 2006,
        Required = "name rate",
        FieldList = "name:tw item_name:tl sku:tw unit:tw status rate:nw purchase_rate:nwx sales_rate:nx description:tw tax_id:kw tax_name"
            + " tax_percentage:nx account_id:kw account_name purchase_account_id:kw purchase_account_name inventory_account_id:kwd can_be_sold:b"
            + " can_be_purchased:b track_inventory:b item_type:tw product_type:tw image_document_id:k vendor_id:kw vendor_name"
            + " reorder_level:nwx stock_on_hand:ni available_stock:ni actual_available_stock:ni locations:swd documents:sdx",
        Choices = "item_type=sales,purchases,sales_and_purchases,inventory product_type=goods,service",
        States = "active inactive",
        Actions = "active=active inactive=inactive",
        DefaultSort = "name",
        SortsUpwards = true,
        ModifiedSince = Products.Inventory,
        Rules = new("name~ description~ rate# tax_id account_id", "name rate tax_name"),
        InventoryRules = new(
            "name~ description~ rate# purchase_rate# sku~ category_id warehouse_id location_id group_id vendor_id customview_id",
            "name sku rate purchase_rate created_time last_modified_time reorder_level stock_on_hand"),
    };

    public static readonly FinanceEntity Invoices = new("invoices", "invoice", "invoice_id", "Invoice", Products.All)
    {
        Title = "invoice_number",
        Prefix = "INV-",
        IsAutoNumbered = true,
        Party = "customer",
        HasLines = true,
        Required = "customer_id line_items",
        FieldList = "invoice_number:tw customer_id:kw customer_name " + OfTransaction + " balance:n due_date:aw due_days email company_name"
            + " billing_address:o shipping_address:o shipping_charge:nw adjustment:nw write_off_amount:n salesperson_id:kw salesperson_name"
            + " current_sub_status is_emailed:b last_payment_date:a updated_time:tl payment_terms:nwd payment_made:nd sub_total:nd tax_total:nd"
            + " discount_total:nd bcy_total:nd price_precision:ndx is_inclusive_tax:bwd discount_type:td notes:twd terms:twd taxes:sd"
            + " documents:sdx allow_partial_payments:bwdx due_in_days:ndx salesorder_id:kd salesorder_number:td",
        States = "draft sent overdue paid void partially_paid viewed",
        Actions = "status/void=void status/sent=sent status/draft=draft",
        ModifiedSince = Products.Books,
        HasResponseOptions = true,
        ListsCustomArrays = true,
        Rules = new(
            "invoice_number~ reference_number~ item_id item_name~ customer_id customer_name~ email total# balance# custom_field~ date@ due_date@"
            + " created_date@ recurring_invoice_id zcrm_potential_id status",
            "customer_name invoice_number date due_date total balance created_time"),
        InventoryRules = new(
            "invoice_number~ reference_number~ item_id item_name~ customer_id customer_name~ email total# balance# custom_field~ date@ due_date@"
            + " recurring_invoice_id zcrm_potential_id status",
            "customer_name invoice_number date due_date total balance created_time"),
        InvoiceRules = new("customer_id status", "customer_name invoice_number date due_date total balance created_time"),
    };

    public static readonly FinanceEntity Estimates =
        new("estimates", "estimate", "estimate_id", "Quote", Products.Books | Products.Invoice)
        {
            Title = "estimate_number",
            Prefix = "QT-",
            IsAutoNumbered = true,
            Party = "customer",
            HasLines = true,
            Required = "customer_id line_items",
            FieldList = "estimate_number:tw customer_id:kw customer_name " + OfTransaction + " expiry_date:aw accepted_date:a declined_date:a"
            + " salesperson_id:kw salesperson_name" + TotalsOfDetail,
            States = "draft sent invoiced accepted declined expired",
            Actions = "status/sent=sent status/accepted=accepted status/declined=declined",
            Rules = new(
            "estimate_number~ reference_number~ customer_id customer_name~ item_id item_name~ total# custom_field~ date@ expiry_date status",
            "customer_name estimate_number date total created_time"),
            InvoiceRules = new("zcrm_potential_id", "customer_name estimate_number date total created_time") { IsSearchable = false },
        };

    public static readonly FinanceEntity CreditNotes = new("creditnotes", "creditnote", "creditnote_id", "Credit Note", Products.All)
    {
        Title = "creditnote_number",
        Prefix = "CN-",
        IsAutoNumbered = true,
        Party = "customer",
        HasLines = true,
        Parent = "invoice_id",
        Required = "customer_id line_items",
        FieldList = "creditnote_number:tw customer_id:kw customer_name " + OfTransaction + " balance:n applied_invoices:slx invoice_id:kd"
            + " invoice_number:td" + TotalsOfDetail,
        States = "open closed void draft",
        Actions = "status/void=void status/draft=draft status/open=open",
        InventoryActions = "void=void draft=draft converttoopen=open",
        Rules = new(
            "creditnote_number~ reference_number~ date status total# customer_id customer_name~ item_id item_name~ line_item_id tax_id",
            "customer_name creditnote_number balance total date created_time"),
    };

    public static readonly FinanceEntity CustomerPayments =
        new("customerpayments", "payment", "payment_id", "Payment", Products.All)
        {
            Title = "payment_number",
            Prefix = "",
            Party = "customer",
            Required = "customer_id payment_mode amount date",
            FieldList = "payment_number customer_id:kw customer_name reference_number:tw date:aw payment_mode:tw amount:nw bcy_amount:n"
            + " unused_amount:n account_id:kw account_name description:tw exchange_rate:nwx invoice_numbers:tl applied_invoices:slx"
            + " payment_status currency_code:td invoices:swd documents:sdx",
            States = "paid",
            DefaultSort = "date",
            Rules = new("customer_id customer_name~ reference_number~ date@ amount# notes~ payment_mode", "date"),
        };

    public static readonly FinanceEntity Expenses =
        new("expenses", "expense", "expense_id", "Expense", Products.Books | Products.Invoice)
        {
            Title = "reference_number",
            TakenCode = 0,
            Required = "account_id date amount paid_through_account_id",
            FieldList = "reference_number:tw date:aw account_id:kw account_name paid_through_account_id:kw paid_through_account_name description:tw"
            + " currency_id:k currency_code total:n total_without_tax:n bcy_total:n amount:nwd tax_id:kwd tax_name:td tax_amount:nd"
            + " is_billable:bw customer_id:kw customer_name vendor_id:kw vendor_name status expense_type exchange_rate:nwx line_items:sd"
            + " documents:sdx",
            States = "nonbillable unbilled invoiced reimbursed billable",
            Rules = new(
            "description~ reference_number~ date@ status amount# account_name customer_id customer_name vendor_id vendor_name"
            + " paid_through_account_id",
            "date account_name total bcy_total reference_number customer_name created_time"),
        };

    public static readonly FinanceEntity Bills = new("bills", "bill", "bill_id", "Bill", Products.Books | Products.Inventory)
    {
        Title = "bill_number",
        TakenCode = 13011,
        Party = "vendor",
        HasLines = true,
        Required = "vendor_id bill_number",
        RequiredByInventory = "date due_date line_items",
        FieldList = "bill_number:tw vendor_id:kw vendor_name " + OfTransaction + " balance:n due_date:aw due_days entity_type:tl"
            + " is_opening_balance:blx payment_made:nd" + TotalsOfDetail,
        States = "open overdue paid void partially_paid",
        Actions = "status/void=void status/open=open",
        ModifiedSince = Products.Books,
        Rules = new(
            "bill_number~ reference_number~ date@ status vendor_id vendor_name~ item_id total# purchaseorder_id recurring_bill_id description~",
            "vendor_name bill_number date due_date total balance created_time"),
        InventoryRules = Unfiltered,
    };

    public static readonly FinanceEntity PurchaseOrders =
        new("purchaseorders", "purchaseorder", "purchaseorder_id", "Purchase order", Products.Books | Products.Inventory)
        {
            Title = "purchaseorder_number",
            Prefix = "PO-",
            IsAutoNumbered = true,
            Party = "vendor",
            HasLines = true,
            Required = "vendor_id line_items",
            FieldList = "purchaseorder_number:tw vendor_id:kw vendor_name " + OfTransaction + " order_status billed_status received_status"
            + " delivery_date:aw quantity_yet_to_receive:n receives:s" + TotalsOfDetail,
            States = "draft open billed cancelled",
            Actions = "status/open=open status/billed=billed status/cancelled=cancelled",
            InventoryActions = "status/issued=open status/cancelled=cancelled",
            ModifiedSince = Products.Books,
            Rules = new(
            "purchaseorder_number~ reference_number~ date status vendor_id vendor_name~ item_id total# custom_field~",
            "vendor_name purchaseorder_number date delivery_date total created_time"),
        };

    public static readonly FinanceEntity SalesOrders =
        new("salesorders", "salesorder", "salesorder_id", "Sales Order", Products.Books | Products.Inventory)
        {
            Title = "salesorder_number",
            Prefix = "SO-",
            IsAutoNumbered = true,
            TakenCode = 36004,
            Party = "customer",
            HasLines = true,
            Required = "customer_id",
            RequiredByInventory = "line_items",
            FieldList = "salesorder_number:tw customer_id:kw customer_name " + OfTransaction + " sub_total:n bcy_total:n shipment_date:aw is_emailed:b"
            + " salesperson_id:kw salesperson_name order_status:ti invoiced_status:ti paid_status:ti shipped_status:ti quantity:ni"
            + " quantity_invoiced:ni quantity_packed:ni quantity_shipped:ni sales_channel:ti is_backorder:bi is_drop_shipment:bi"
            + " tax_total:nd discount_total:nd shipping_charge:nwd adjustment:nwd price_precision:ndx is_inclusive_tax:bwd discount_type:td"
            + " notes:twd terms:twd taxes:sd documents:sdx invoices:sd packages:sdi purchaseorders:sdi",
            States = "draft open invoiced partially_invoiced void overdue",
            Actions = "status/open=open status/void=void",
            InventoryActions = "status/confirmed=open status/void=void",
            ModifiedSince = Products.Books,
            Rules = new(
            "salesorder_number~ reference_number~ item_name~ customer_id customer_name~ salesperson_id total# date@ shipment_date@ salesorder_ids"
            + " customview_id status",
            "customer_name salesorder_number shipment_date last_modified_time reference_number total date created_time"),
        };

    public static readonly FinanceEntity Packages = new("packages", "package", "package_id", "Package", Products.Inventory)
    {
        Title = "package_number",
        Prefix = "PA-",
        Parent = "salesorder_id",
        NeedsParent = true,
        HasLines = true,
        Required = "date line_items",
        FieldList = "package_number:tw salesorder_id:k salesorder_number customer_id:k customer_name date:aw status total_quantity mobile email"
            + " shipment_date:a notes:twd shipment_order:od",
        States = "not_shipped shipped delivered",
        Rules = new(
            "date@ shipment_date@ customer_id status",
            "package_number date customer_name salesorder_number shipment_date status created_time last_modified_time"),
    };

    public static readonly IReadOnlyList<FinanceEntity> All =
    [
        Contacts, Items, Invoices, Estimates, CreditNotes, CustomerPayments, Expenses, Bills, PurchaseOrders, SalesOrders, Packages,
    ];

    public static FinanceEntity? Find(string name) => All.FirstOrDefault(entity => entity.Name == name);
}
