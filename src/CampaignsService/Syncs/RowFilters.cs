using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>Rows whose value in this column is one of these, without case and spaces around; an empty one stands for no value.</summary>
internal sealed record RowFilter(string Column, IReadOnlyList<string> Values)
{
    public bool Takes(IReadOnlyDictionary<string, string> columns) =>
        Values.Contains(columns.GetValueOrDefault(Column, "").Trim(), StringComparer.OrdinalIgnoreCase);
}

/// <summary>Which rows of a source are synced, and what is said of its columns that look like consent.</summary>
/// <param name="Filters">All must take a row.</param>
/// <param name="Ignored">Columns that do not matter, although they may look as if they did.</param>
/// <param name="Unanswered">Columns that look like consent, of which nothing is said.</param>
internal sealed record RowFilters(IReadOnlyList<RowFilter> Filters, IReadOnlyList<string> Ignored, IReadOnlyList<string> Unanswered)
{
    /// <summary>The filters that are asked for, or what is wrong with them for a source of these columns.</summary>
    /// <param name="filters">Asked for.</param>
    /// <param name="ignored">Said not to matter.</param>
    /// <param name="columns">All of the source.</param>
    /// <param name="unmapped">Those of which nothing is sent.</param>
    public static Result<RowFilters> For(
        IReadOnlyList<RowFilter> filters, IReadOnlyList<string> ignored, IReadOnlyList<string> columns, IReadOnlyList<string> unmapped)
    {
        foreach (var (field, column) in filters.Select(filter => ("filters", filter.Column)).Concat(ignored.Select(name => ("ignored_columns", name))))
        {
            if (!columns.Contains(column, StringComparer.Ordinal))
            {
                return Failure.InvalidField(field, $"The source has no column {column}. It has {ColumnSet.Shown(columns)}.");
            }
        }

        return filters.FirstOrDefault(filter => filter.Values.Count == 0) is { } open
            ? Failure.InvalidField("filters", $"filters gives the column {open.Column} no values: send those whose rows are to be synced.")
            : new RowFilters(
                filters,
                ignored,
                [.. unmapped.Where(ConsentWords.Means).Except(ignored, StringComparer.Ordinal).Except(filters.Select(f => f.Column), StringComparer.Ordinal)]);
    }

    /// <summary>Why a sync that pushes may not be made yet; null where nothing is open.</summary>
    public Failure? Open => Unanswered.Count == 0 ? null : new Failure(
        FailureKind.Invalid,
        "consent_column_open",
        $"Columns of the source look as if they say who may be written to: {ColumnSet.Shown(Unanswered)}. Name each in filters with the values "
            + "whose rows are to be synced, or in ignored_columns if it does not matter.")
    {
        Field = "filters",
    };
}
