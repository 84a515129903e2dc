using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Reads CSV with a header line (RFC 4180). The header tells which of comma, semicolon and tab separates. Values are trimmed; an empty one is
/// none. A row with more or fewer values than the header has columns is broken: guessing would put values under wrong names.
/// </summary>
internal static class CsvRows
{
    public static async IAsyncEnumerable<SourceRow> ReadAsync(
        UploadBytes bytes, ColumnSet columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var header = await bytes.PeekLineAsync();
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = DelimiterOf(header),
            TrimOptions = TrimOptions.Trim,
            IgnoreBlankLines = true,
            MaxFieldSize = SourceLimits.RowBytes,
            LeaveOpen = true,
            BadDataFound = bad => throw new BadDataException(bad.Field, bad.RawRecord, bad.Context, "bad"),
        };
        using var text = new StreamReader(bytes, Encoding.UTF8, leaveOpen: true);
        using var parser = new CsvParser(text, configuration);
        if (!await NextAsync(parser))
        {
            throw new SourceException(SourceFailures.Empty);
        }

        var names = parser.Record!;
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                throw new SourceException(SourceFailures.Broken(1, $"column {i + 1} of the header has no name."));
            }

            if (!columns.Add(names[i]))
            {
                throw new SourceException(SourceFailures.Broken(1, $"the header names the column {Shown(names[i])} twice."));
            }
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var line = parser.RawRow + 1L;
            if (!await NextAsync(parser))
            {
                yield break;
            }

            var values = parser.Record!;
            if (values.Length != names.Length)
            {
                throw new SourceException(SourceFailures.Broken(
                    parser.RawRow, $"{values.Length} values, but the header has {names.Length} columns. Put values that hold the separator in quotes."));
            }

            yield return new SourceRow(line, Given(names, values));
        }
    }

    private static Dictionary<string, string> Given(string[] names, string[] values)
    {
        var given = new Dictionary<string, string>(names.Length, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (values[i].Length > 0)
            {
                given[names[i]] = values[i];
            }
        }

        return given;
    }

    private static async Task<bool> NextAsync(CsvParser parser)
    {
        var line = parser.RawRow + 1L;
        try
        {
            return await parser.ReadAsync();
        }
        catch (MaxFieldSizeException)
        {
            throw new SourceException(SourceFailures.Broken(
                line, $"a value is longer than {SourceLimits.RowBytes / 1024} KiB, or its closing quote is missing."));
        }
        catch (BadDataException)
        {
            throw new SourceException(SourceFailures.Broken(line, "a quote stands where none may, or a closing one is missing."));
        }
    }

    // outside quotes, so that a name such as "Last, first" does not decide
    private static string DelimiterOf(string header)
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

        return counts[1] > counts[0] && counts[1] >= counts[2] ? ";" : counts[2] > counts[0] ? "\t" : ",";
    }

    private static string Shown(string name) => name.Length <= 60 ? name : name[..60] + "...";
}
