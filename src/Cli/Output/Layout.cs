namespace ZohoPlatform.Cli.Output;

/// <summary>Where lines end on a terminal: between words, and never inside one.</summary>
internal static class Layout
{
    // beside each column a blank on either side and a border
    private const int Around = 3;

    /// <summary>
    /// Widths at which a bordered table is no wider than <paramref name="width"/>; null where a word would have to be broken for it.
    /// </summary>
    public static int[]? WidthsWithin(int width, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var least = rows[0].Select((_, column) => rows.Max(row => row[column].Split(' ').Max(word => word.Length))).ToArray();
        var room = width - (Around * widths.Length) - 1;
        while (widths.Sum() > room)
        {
            var yielding = Enumerable.Range(0, widths.Length).Where(column => widths[column] > least[column]).ToList();
            if (yielding.Count == 0)
            {
                return null;
            }

            widths[yielding.MaxBy(column => widths[column])]--;
        }

        return widths;
    }

    /// <summary>Lines of whole words; one that is wider than all has a line of its own.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        return [.. lines, line];
    }
}
