using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace ZohoPlatform.Cli.Output;

/// <summary>
/// What a command says, in one of three ways: JSON for machines; plain lines where nobody looks (a file, a pipe, NO_COLOR); colours, tables
/// and a progress bar on a terminal. Results go to stdout, failures and notes to stderr.
/// </summary>
internal sealed class Terminal(bool json)
{
    public bool IsJson => json;

    /// <summary>Whether a person looks at it right now.</summary>
    public bool IsLive { get; } = !json
        && !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

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
        Document(new ErrorDocument(failure), CliJson.Default.ErrorDocument);
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

    /// <summary>A table on a terminal, columns of spaces elsewhere.</summary>
    /// <param name="headings">One per column; one that begins with a &gt; stands above numbers.</param>
    /// <param name="rows">As many cells as headings.</param>
    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (json)
        {
            return;
        }

        var titles = headings.Select(heading => heading.TrimStart('>')).ToArray();
        if (IsLive)
        {
            var table = new Table().RoundedBorder();
            foreach (var (heading, title) in headings.Zip(titles))
            {
                var column = new TableColumn(title.EscapeMarkup());
                table.AddColumn(heading.StartsWith('>') ? column.RightAligned() : column);
            }

            foreach (var row in rows)
            {
                table.AddRow(row.Select(cell => Clean(cell).EscapeMarkup()).ToArray());
            }

            AnsiConsole.Write(table);
            return;
        }

        IReadOnlyList<string>[] all = [titles, .. rows.Select(row => row.Select(Clean).ToArray())];
        var widths = titles.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            var cells = row.Select(
                (cell, column) => headings[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            Console.Out.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    /// <summary>Without control characters: an address or a provider's message must not steer the terminal.</summary>
    public static string Clean(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
