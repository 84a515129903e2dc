using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using CsvHelper;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Reads CSV with a header line (RFC 4180) as spreadsheets and our own export write it. The header tells which of comma, semicolon and tab
/// separates. Values are trimmed; an empty one is none, and so is one that is missing at a row's end. A column without a name may have no
/// values: guessing would put them under wrong names.
/// </summary>
internal static partial class CsvRows
{
    public static async IAsyncEnumerable<SourceRow> ReadAsync(
        UploadBytes bytes, ColumnSet columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isMalformed = false;
        var options = CsvReaderOptions.Default with
        {
            Separator = SeparatorOf(await bytes.PeekLineAsync()),
            // the first record is taken as it is: its names are checked here
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MaxRecordSize = SourceLimits.RowBytes,
            // what a spreadsheet means by ="0049" is no error to it: what else is one is found below
            MalformedData = CsvMalformedDataHandling.Recover,
            OnMalformedRecord = _ => isMalformed = true,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            IncludeValuesInExceptions = false,
        };
        await using var reader = CsvReader.Create(bytes, options, leaveOpen: true);
        if (!await NextAsync())
        {
            throw new SourceException(SourceFailures.Empty);
        }

        var names = new string[reader.FieldCount];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Value(reader, i);
            if (names[i].Length > 0 && !columns.Add(names[i]))
            {
                throw new SourceException(SourceFailures.Broken(1, $"the header names the column {Shown(names[i])} twice."));
            }
        }

        while (await NextAsync())
        {
            yield return new SourceRow(reader.LineNumber, Given(names, reader));
        }

        async ValueTask<bool> NextAsync()
        {
            isMalformed = false;
            bool isThere;
            try
            {
                isThere = await reader.ReadAsync(cancellationToken);
            }
            catch (CsvFormatException e)
            {
                throw new SourceException(SourceFailures.RowTooLong(Math.Max(e.LineNumber, 1)));
            }

            return !isMalformed || (isThere && HasOnlyTextCells(reader))
                ? isThere
                : throw new SourceException(SourceFailures.Broken(
                    reader.LineNumber, "a quote stands where none may, or a closing one is missing."));
        }
    }

    private static Dictionary<string, string> Given(string[] names, CsvReader reader)
    {
        var given = new Dictionary<string, string>(names.Length, StringComparer.Ordinal);
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (Value(reader, i) is not { Length: > 0 } value)
            {
                continue;
            }

            if (i >= names.Length || names[i].Length == 0)
            {
                throw new SourceException(SourceFailures.Broken(
                    reader.LineNumber,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"value {i + 1} stands in a column that the header gives no name. Name it, leave it empty, or put values that "
                        + $"hold the separator in quotes.")));
            }

            given[names[i]] = value;
        }

        return given;
    }

    private static string Value(CsvReader reader, int column)
    {
        var value = reader.GetString(column).Trim();
        return value.StartsWith('=') && TextCell.Match(value) is { Success: true } cell ? cell.Groups["text"].Value.Trim()
            : value.Contains('\'', StringComparison.Ordinal) ? Guards.Replace(value, "").Trim()
            : value;
    }

    // malformed in no other way than ="0049"
    private static bool HasOnlyTextCells(CsvReader reader)
    {
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (!LawfulCell.IsMatch(Encoding.UTF8.GetString(reader.GetRawSpan(i)).Trim()))
            {
                return false;
            }
        }

        return true;
    }

    // outside quotes, so that a name such as "Last, first" does not decide
    private static char SeparatorOf(string header)
    {
        Span<int> counts = stackalloc int[3];
        var quoted = false;
        foreach (var c in header)
        {
            quoted ^= c is '"';
            if (!quoted && c is ',' or ';' or '\t')
            {
                counts[c is ',' ? 0 : c is ';' ? 1 : 2]++;
            }
        }

        return counts[1] > counts[0] && counts[1] >= counts[2] ? ';' : counts[2] > counts[0] ? '\t' : ',';
    }

    private static string Shown(string name) => name.Length <= 60 ? name : name[..60] + "...";

    // how a spreadsheet keeps the zeros of a number
    [GeneratedRegex("""\A="(?<text>[^"]*)"\z""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TextCell { get; }

    [GeneratedRegex(
        """\A("([^"]|"")*"|="[^"]*"|[^"]*)\z""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LawfulCell { get; }

    // the apostrophes that the export of a ledger puts before what a spreadsheet would take for a formula; what is looked ahead over ends
    // with the next separator, so it takes linear time
    [GeneratedRegex(
        """(?:^|(?<=[;\t\r\n]))'(?='*[\p{Cc}\p{Cf}\p{Z}"-[\t\r\n]]*"""
            + """[=+\-@\u2212\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20])|^'(?='*[\p{Cc}\p{Cf}])""",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Guards { get; }
}
