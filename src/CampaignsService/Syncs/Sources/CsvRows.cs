using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using CsvHelper;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Reads CSV with a header line (RFC 4180) as spreadsheets and our own export write it. The header tells which of comma, semicolon and tab
/// separates, or Excel's <c>sep=;</c> before it; blank lines before it are skipped. Values are trimmed; an empty one is none, and so is one that is missing at a row's end. A column without a name may have no
/// values: guessing would put them under wrong names.
/// </summary>
internal static partial class CsvRows
{
    public static async IAsyncEnumerable<SourceRow> ReadAsync(
        UploadBytes bytes, ColumnSet columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isMalformed = false;
        var (separator, skipped) = await BeforeHeaderAsync(bytes);
        var options = CsvReaderOptions.Default with
        {
            Separator = separator,
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

        var header = new Header(skipped + 1, [.. Enumerable.Range(0, reader.FieldCount).Select(i => Value(reader, i))]);
        header.AddTo(columns);
        while (await NextAsync())
        {
            yield return new SourceRow(skipped + reader.LineNumber, Given(header, reader, skipped));
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
                throw new SourceException(SourceFailures.RowTooLong(skipped + Math.Max(e.LineNumber, 1)));
            }

            return !isMalformed || (isThere && HasOnlyTextCells(reader))
                ? isThere
                : throw new SourceException(SourceFailures.Broken(
                    skipped + reader.LineNumber, "a quote stands where none may, or a closing one is missing."));
        }
    }

    // how many lines stand before the header, and what separates
    private static async Task<(char Separator, long Skipped)> BeforeHeaderAsync(UploadBytes bytes)
    {
        var (named, skipped) = ((char?)null, 0L);
        while (await bytes.PeekLineAsync() is { } line)
        {
            if (SeparatorLine.Match(line) is { Success: true } match)
            {
                named = match.Groups["separator"].Value[0];
            }
            else if (!BlankLine.IsMatch(line))
            {
                return (named ?? SeparatorOf(line), skipped);
            }

            await bytes.SkipLineAsync();
            skipped++;
        }

        return (',', skipped);
    }

    private static Dictionary<string, string> Given(Header header, CsvReader reader, long skipped)
    {
        var given = new Dictionary<string, string>(header.Names.Count, StringComparer.Ordinal);
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (Value(reader, i) is not { Length: > 0 } value)
            {
                continue;
            }

            if (i >= header.Names.Count || header.Names[i].Length == 0)
            {
                throw new SourceException(header.NamesNot(i, skipped + reader.LineNumber));
            }

            given[header.Names[i]] = value;
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

    /// <summary>The names of the columns, as they stand in the file.</summary>
    private sealed record Header(long Line, IReadOnlyList<string> Names)
    {
        public void AddTo(ColumnSet columns)
        {
            if (Names.Any(name => EmailAddress.In(name) is not null))
            {
                throw new SourceException(SourceFailures.Broken(
                    Line,
                    "a mail address stands where the names of the columns are wanted. Put a header line before the first row, such as "
                        + "email,first_name."));
            }

            foreach (var name in Names)
            {
                if (name.Length > 0 && !columns.Add(name))
                {
                    throw new SourceException(SourceFailures.Broken(Line, $"the header names the column {Shown(name)} twice."));
                }
            }
        }

        /// <summary>A value stands where the header has no name.</summary>
        public Failure NamesNot(int column, long line) => SourceFailures.Broken(
            line,
            string.Create(
                CultureInfo.InvariantCulture,
                $"value {column + 1} stands in a column that the header gives no name. ")
            + (Names.Where(name => name.Length > 0).ToList() is [var only]
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Line {Line:N0}, which is taken for the header, has nothing but \"{Shown(only)}\": if that is a title, delete what stands before the "
                        + $"line that names the columns; if not, name the others, too.")
                : "Name it, leave it empty, or put values that hold the separator in quotes."));

        private static string Shown(string name) => name.Length <= 60 ? name : name[..60] + "...";
    }

    // Excel's way to say what separates
    [GeneratedRegex(
        """\A\uFEFF?"?sep=(?<separator>[,;\t|:^~])"?[,; \t]*\z""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex SeparatorLine { get; }

    // nothing, or a row of empty cells
    [GeneratedRegex("""\A\uFEFF?[\s",;|]*\z""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex BlankLine { get; }

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
