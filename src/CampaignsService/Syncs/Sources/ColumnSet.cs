namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>The columns that a source turned out to have, in the order they were met.</summary>
internal sealed class ColumnSet
{
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    public IReadOnlyList<string> Names => _names;

    /// <summary>False where it was there before.</summary>
    /// <exception cref="SourceException">There are too many, or this one is too long or holds a NUL character.</exception>
    public bool Add(string name)
    {
        if (!_known.TryAdd(name, _names.Count))
        {
            return false;
        }

        if (name.Length > SourceLimits.ColumnName)
        {
            throw new SourceException(SourceFailures.ColumnTooLong);
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            throw new SourceException(SourceFailures.Broken(1, "the name of a column holds a NUL character."));
        }

        _names.Add(name);
        return _names.Count <= SourceLimits.Columns ? true : throw new SourceException(SourceFailures.TooManyColumns);
    }

    /// <summary>Where a column of the set stands in it.</summary>
    public int IndexOf(string name) => _known[name];

    /// <summary>Names for people, the first fifty of them.</summary>
    public static string Shown(IReadOnlyList<string> names) => names.Count == 0 ? "none"
        : string.Join(", ", names.Take(50)) + (names.Count > 50 ? $" and {names.Count - 50} more" : "");
}
