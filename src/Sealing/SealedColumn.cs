using System.Text.RegularExpressions;

namespace ZohoPlatform.Sealing;

/// <summary>A column of sealed values, so that they can be counted by key and sealed anew. A feature registers its own.</summary>
public sealed partial record SealedColumn
{
    /// <param name="table">A table with a column <c>tenant_id</c>; a name of lower-case letters, digits and <c>_</c>.</param>
    /// <param name="column">Of type <c>bytea</c>; null where a row has none.</param>
    /// <param name="holder">
    /// SQL over the row that makes the <see cref="SecretPlace.Holder"/> its value was sealed under, such as <c>'webhook:' || id</c>.
    /// </param>
    /// <param name="field">The <see cref="SecretPlace.Field"/> its value was sealed under.</param>
    /// <exception cref="ArgumentException">A name is none.</exception>
    public SealedColumn(string table, string column, string holder, string field)
    {
        RequireName(table, nameof(table));
        RequireName(column, nameof(column));
        (Table, Column, Holder, Field) = (table, column, holder, field);
    }

    public string Table { get; }

    public string Column { get; }

    public string Holder { get; }

    public string Field { get; }

    private static void RequireName(string name, string parameter)
    {
        if (!Name().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is no name of a table or column: lower-case letters, digits and _.", parameter);
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,62}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
