namespace ZohoPlatform.Simulator.Crm;

/// <summary>What a field holds.</summary>
internal enum FieldType
{
    Text,
    TextArea,
    RichText,
    Email,
    Phone,
    Website,
    Picklist,
    MultiSelectPicklist,
    Integer,
    Double,
    Currency,
    Boolean,
    Date,
    DateTime,
    Lookup,
    Owner,
}

/// <summary>Points to a record of another module.</summary>
internal sealed record LookupValue(string Module, long Id);

/// <summary>Names a user of the organisation.</summary>
internal sealed record UserValue(long Id);

/// <summary>
/// A field of a module. Values are strings (dates too), <see cref="long"/>, <see cref="decimal"/>, <see cref="bool"/>,
/// <see cref="DateTimeOffset"/>, string arrays, <see cref="LookupValue"/> or <see cref="UserValue"/>; null when empty.
/// </summary>
internal sealed class CrmField(string apiName, string label, FieldType type)
{
    public string ApiName { get; } = apiName;

    public string Label { get; } = label;

    public FieldType Type { get; } = type;

    public long Id { get; set; }

    /// <summary>Where a record keeps it; set by the module that takes the field in.</summary>
    public int Index { get; set; } = -1;

    /// <summary>Most characters.</summary>
    public int Length { get; init; } = LengthOf(type);

    /// <summary>Mandatory for every record, whichever layout it has.</summary>
    public bool SystemMandatory { get; init; }

    public bool ReadOnly { get; init; }

    public bool IsCustom { get; init; }

    public bool IsUnique { get; init; }

    /// <summary>Found again by an upsert that names no field: Email, Account_Name, Deal_Name, Name.</summary>
    public bool IsSystemDuplicateCheck { get; init; }

    /// <summary>The module a lookup points to; null when <c>$se_module</c> says it.</summary>
    public string? LookupModule { get; init; }

    /// <summary>The values of a picklist.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Not in /settings/fields: a system key of the record.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Set for what the record itself holds; others are read from its values.</summary>
    public Func<CrmRecord, object?>? Read { get; init; }

    public bool IsText => Type is FieldType.Text or FieldType.TextArea or FieldType.RichText or FieldType.Email or FieldType.Phone
        or FieldType.Website or FieldType.Picklist;

    /// <summary>Whether one value can be more than another.</summary>
    public bool HasOrder => Type is FieldType.Integer or FieldType.Double or FieldType.Currency or FieldType.Date or FieldType.DateTime;

    public string DataType => Type switch
    {
        FieldType.Text => "text",
        FieldType.TextArea or FieldType.RichText => "textarea",
        FieldType.Email => "email",
        FieldType.Phone => "phone",
        FieldType.Website => "website",
        FieldType.Picklist => "picklist",
        FieldType.MultiSelectPicklist => "multiselectpicklist",
        FieldType.Integer => "integer",
        FieldType.Double => "double",
        FieldType.Currency => "currency",
        FieldType.Boolean => "boolean",
        FieldType.Date => "date",
        FieldType.DateTime => "datetime",
        FieldType.Lookup => "lookup",
        FieldType.Owner => "ownerlookup",
    };

    public string JsonType => Type switch
    {
        FieldType.MultiSelectPicklist => "jsonarray",
        FieldType.Integer => "integer",
        FieldType.Double or FieldType.Currency => "double",
        FieldType.Boolean => "boolean",
        FieldType.Lookup or FieldType.Owner => "jsonobject",
        FieldType.Text or FieldType.TextArea or FieldType.RichText or FieldType.Email or FieldType.Phone or FieldType.Website
            or FieldType.Picklist or FieldType.Date or FieldType.DateTime => "string",
    };

    public object? Of(CrmRecord record) => Of(record, record.Values);

    /// <summary>The field's value among values of an earlier moment.</summary>
    public object? Of(CrmRecord record, object?[] values) =>
        Read is { } read ? read(record) : Index < values.Length ? values[Index] : null;

    // Zoho CRM "Fields metadata": the lengths a fresh organisation has
    private static int LengthOf(FieldType type) => type switch
    {
        FieldType.TextArea => 32_000,
        FieldType.RichText => 65_535,
        FieldType.Email => 100,
        FieldType.Phone => 30,
        FieldType.Website => 450,
        FieldType.Picklist => 120,
        FieldType.Integer => 9,
        FieldType.Double or FieldType.Currency => 16,
        FieldType.Boolean => 5,
        FieldType.Date or FieldType.DateTime or FieldType.Lookup or FieldType.Owner => 120,
        FieldType.Text or FieldType.MultiSelectPicklist => 255,
    };
}
