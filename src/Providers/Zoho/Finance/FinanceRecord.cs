using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>A record as Zoho sends it. The same field is a number in one and text in the next, and what is empty is <c>""</c>.</summary>
public sealed class FinanceRecord
{
    private FinanceRecord(string id, JsonElement json) => (Id, Json) = (id, json);

    /// <summary>Digits.</summary>
    public string Id { get; }

    /// <summary>All of it, as it came.</summary>
    public JsonElement Json { get; }

    /// <summary>When it was last changed, to the second; null where it does not say.</summary>
    public DateTimeOffset? ModifiedAt => FinanceTimes.Read(Json.Text("last_modified_time"));

    /// <summary>Null where it has no id.</summary>
    internal static FinanceRecord? Read(JsonElement json, FinanceEntity entity) =>
        json.ValueKind is JsonValueKind.Object && json.Text(entity.IdField) is { Length: > 0 and <= 50 } id && id.All(char.IsAsciiDigit)
            ? new FinanceRecord(id, json)
            : null;
}

/// <summary>One page of a list.</summary>
/// <param name="Records">Those on it, in Zoho's order; one may have been on an earlier one.</param>
/// <param name="HasMore">Whether there is a page behind it.</param>
/// <param name="SortColumn">By which Zoho says that it has sorted; null where it does not say. What it cannot sort by it ignores.</param>
/// <param name="Ascending">In which direction; null where it does not say.</param>
/// <param name="SentAt">When Zoho sent it, by its own clock; null where it does not say.</param>
public sealed record FinancePage(
    IReadOnlyList<FinanceRecord> Records, bool HasMore, string? SortColumn, bool? Ascending, DateTimeOffset? SentAt);

/// <summary>Which page of a list, and how.</summary>
/// <param name="Page">From 1 on.</param>
public sealed record FinanceListing(int Page)
{
    /// <summary>How many a page has at most, which is as many as it has.</summary>
    public const int PageSize = 200;

    /// <summary>Null for the entity's own order, which differs from one to the next.</summary>
    public string? SortColumn { get; init; }

    public bool Ascending { get; init; } = true;

    /// <summary>Only what was changed then or later, where the entity knows that (<see cref="FinanceEntity.ChangedSince"/>).</summary>
    public DateTimeOffset? ModifiedSince { get; init; }

    /// <summary>Further filters. Zoho ignores those that it does not know, without a word.</summary>
    public IReadOnlyList<(string Name, string Value)> Filters { get; init; } = [];
}

/// <summary>An organisation of the connection's user.</summary>
/// <param name="Id">Digits.</param>
/// <param name="Name">As people know it.</param>
/// <param name="IsDefault">Whether it is the user's own choice.</param>
/// <param name="IsActive">Whether it can be worked with.</param>
/// <param name="TimeZone">IANA's name; empty where Zoho does not say.</param>
/// <param name="Currency">ISO 4217, its base currency.</param>
/// <param name="Plan">Zoho's word; empty where it does not say.</param>
public sealed record FinanceOrganization(string Id, string Name, bool IsDefault, bool IsActive, string TimeZone, string Currency, string Plan)
{
    internal static FinanceOrganization? Read(JsonElement json)
    {
        if (json.Text("organization_id") is not { } id || !id.All(char.IsAsciiDigit))
        {
            return null;
        }

        // the reference has it at the root, and what was recorded below org_settings
        var active = json.Property("is_org_active") ?? json.Property("org_settings")?.Property("is_org_active");
        return new FinanceOrganization(
            id,
            json.Text("name") ?? id,
            json.Property("is_default_org") is { ValueKind: JsonValueKind.True },
            active is not { ValueKind: JsonValueKind.False },
            json.Text("time_zone") ?? "",
            json.Text("currency_code") ?? "",
            json.Text("plan_name") ?? "");
    }
}
