using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace ZohoPlatform.Cli.Output;

/// <summary>
/// What a command says, in one of three ways: JSON for machines; plain lines where nobody looks (a file, a pipe, NO_COLOR); colours, tables
/// and a progress bar on a terminal. Results go to stdout, failures and notes to stderr.
/// </summary>
/// <param name="json">Answers with JSON.</param>
/// <param name="outputIsData">Stdout holds somebody's data and nothing else: what failed is said on stderr, in JSON too.</param>
internal sealed class Terminal(bool json, bool outputIsData = false)
{
    // less is no room for words
    private const int LeastText = 20;

    public bool IsJson => json;

    /// <summary>Whether a person looks at it right now.</summary>
    public bool IsLive { get; } = !json
        && !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    // what goes to a file or a pipe has no width
    private int? Width { get; } = Console.IsOutputRedirected || Console.WindowWidth is 0 ? null : Console.WindowWidth;

    /// <summary>A line for people; nothing in JSON.</summary>
    public void Line(string text = "")
    {
        if (!json)
        {
            Console.Out.WriteLine(Clean(text));
        }
    }

    /// <summary>A line in a colour, where there are colours.</summary>
    public void Line(string text, string colour)
    {
        if (IsLive)
        {
            AnsiConsole.MarkupLine($"[{colour}]{Clean(text).EscapeMarkup()}[/]");
        }
        else
        {
            Line(text);
        }
    }

    /// <summary>A line whose text stays beside what leads it, on as many lines as it takes.</summary>
    /// <param name="lead">What it is about, with the blanks behind it.</param>
    /// <param name="text">Words.</param>
    /// <param name="colour">Where there are colours.</param>
    public void Item(string lead, string text, string? colour = null)
    {
        foreach (var line in ItemLines(lead, text))
        {
            if (colour is null)
            {
                Line(line);
            }
            else
            {
                Line(line, colour);
            }
        }
    }

    /// <summary>What is known of one thing, a line each.</summary>
    /// <param name="facts">A name and what is known; left out where that is null or empty.</param>
    public void Facts(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var known = new List<(string Name, string Value)>();
        foreach (var (name, value) in facts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                known.Add((name, value));
            }
        }

        var width = known.Select(fact => fact.Name.Length).DefaultIfEmpty().Max();
        foreach (var (name, value) in known)
        {
            Item(name.PadRight(width) + "  ", value);
        }
    }

    /// <summary>What a person should know and a pipe should not carry.</summary>
    public void Note(string text)
    {
        if (!json)
        {
            Console.Error.WriteLine(Clean(text));
        }
    }

    /// <summary>One JSON document, or one line of many.</summary>
    public void Document<T>(T value, JsonTypeInfo<T> type)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
        }
    }

    public void Failed(FailureDocument failure)
    {
        if (json)
        {
            (outputIsData ? Console.Error : Console.Out).WriteLine(
                JsonSerializer.Serialize(new ErrorDocument(failure), CliJson.Default.ErrorDocument));
            return;
        }

        Note($"Error: {failure.Detail} ({failure.Code})");
        foreach (var (field, sentences) in failure.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal))
        {
            // the detail is the sentence of the one field that most failures have
            if (sentences is not [var only] || only != failure.Detail)
            {
                Note($"  {field}: {string.Join(" ", sentences)}");
            }
        }

        if (failure.Hint is not null)
        {
            Note(failure.Hint);
        }

        if (failure.TraceId is not null)
        {
            Note($"Trace id: {failure.TraceId}");
        }
    }

    /// <summary>A table on a terminal that is wide enough, a line per cell on one that is not, columns of spaces elsewhere.</summary>
    /// <param name="headings">One per column; one that begins with a &gt; stands above numbers.</param>
    /// <param name="rows">As many cells as headings.</param>
    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (json)
        {
            return;
        }

        var titles = headings.Select(heading => heading.TrimStart('>')).ToArray();
        IReadOnlyList<string>[] all = [titles, .. rows.Select(row => row.Select(Clean).ToArray())];
        var within = Width is { } width ? Layout.WidthsWithin(width, all) : null;
        if (Width is not null && within is null)
        {
            Fold(titles, all[1..]);
        }
        else if (IsLive && within is not null)
        {
            Bordered(headings, titles, within, all[1..]);
        }
        else
        {
            Columns(headings, all);
        }
    }

    /// <summary>Without control characters: an address or a provider's message must not steer the terminal.</summary>
    public static string Clean(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    private static void Bordered(
        IReadOnlyList<string> headings, string[] titles, int[] widths, IReadOnlyList<string>[] rows)
    {
        var table = new Table().RoundedBorder();
        for (var i = 0; i < titles.Length; i++)
        {
            var column = new TableColumn(titles[i].EscapeMarkup()).Width(widths[i]);
            table.AddColumn(headings[i].StartsWith('>') ? column.RightAligned() : column);
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => cell.EscapeMarkup())]);
        }

        AnsiConsole.Write(table);
    }

    private static void Columns(IReadOnlyList<string> headings, IReadOnlyList<string>[] rows)
    {
        var widths = headings.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select(
                (cell, column) => headings[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            Console.Out.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private void Fold(string[] titles, IReadOnlyList<string>[] rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (i > 0)
            {
                Line();
            }

            Facts([.. titles.Zip(rows[i], (title, cell) => (title, (string?)cell))]);
        }
    }

    private IReadOnlyList<string> ItemLines(string lead, string text)
    {
        if (Width is not { } width || lead.Length + text.Length <= width)
        {
            return [lead + text];
        }

        // a word that has no room beside the lead stands below it
        var room = width - lead.Length;
        if (room < LeastText || text.Split(' ').Max(word => word.Length) > room)
        {
            var below = Layout.Wrap(text, width - 2).Select(line => "  " + line);
            return string.IsNullOrWhiteSpace(lead) ? [.. below] : [lead.TrimEnd(), .. below];
        }

        var lines = Layout.Wrap(text, room);
        return [lead + lines[0], .. lines.Skip(1).Select(line => new string(' ', lead.Length) + line)];
    }
}
