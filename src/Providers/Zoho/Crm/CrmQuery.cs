using System.Globalization;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// A query in COQL (Zoho CRM, "Query API" and "COQL limitations"): names are checked, values are quoted, Zoho's limits are held before it
/// is sent. <c>HAVING</c>, which Zoho takes and ignores, cannot be written. Whether converted leads are found without saying so is not
/// known: add <c>Converted__s</c> where it matters.
/// </summary>
/// <param name="Module">What is asked, by its API name.</param>
/// <param name="Columns">1 to 50 fields; a lookup's own is <c>Account_Name.Account_Name</c>. <c>id</c> always comes.</param>
public sealed record CrmQuery(string Module, IReadOnlyList<string> Columns)
{
    /// <summary>How many rows one query brings at most.</summary>
    public const int MostRows = 2000;

    /// <summary>How far pages of one set of conditions lead; go on by a key (<c>id</c>, or time and <c>id</c>).</summary>
    public const int MostRowsOfPages = 100_000;

    private const int MostColumns = 50;
    private const int MostCriteria = 25;
    private const int MostOrders = 10;

    /// <summary>All records where it is null.</summary>
    public CrmCondition? Where { get; init; }

    /// <summary>Fields, each with its direction; by <c>id</c> where there is none.</summary>
    public IReadOnlyList<(string Field, bool Descending)> OrderBy { get; init; } = [];

    /// <summary>1 to <see cref="MostRows"/>; more than 200 cost two credits, more than 1,000 three.</summary>
    public int Limit { get; init; } = 200;

    public int Offset { get; init; }

    /// <summary>
    /// The text of it; <c>invalid_field</c> where a value has what cannot be written, <c>query_too_long</c> where there are more criteria
    /// than Zoho takes.
    /// </summary>
    internal Result<string> Write()
    {
        CrmBounds.Check(Columns.Count, 1, MostColumns);
        CrmBounds.Check(OrderBy.Count, 0, MostOrders);
        CrmBounds.Check(Limit, 1, MostRows);
        CrmBounds.Check(Offset, 0, MostRowsOfPages - Limit);
        var where = Where ?? CrmCondition.IsNotNull("id");
        if (where.Refused is { } refused)
        {
            return refused;
        }

        if (where.Count > MostCriteria)
        {
            return new Failure(
                FailureKind.Invalid,
                "query_too_long",
                $"Zoho CRM takes {MostCriteria} criteria in one query, of a list 50 values in each: ask for less at once.");
        }

        var order = OrderBy.Count == 0
            ? ""
            : $" order by {string.Join(", ", OrderBy.Select(by => $"{CrmNames.Checked(by.Field)} {(by.Descending ? "desc" : "asc")}"))}";
        var columns = string.Join(", ", Columns.Select(column => CrmNames.Checked(column)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"select {columns} from {CrmNames.Checked(Module)} where {where}{order} limit {Offset}, {Limit}");
    }
}
