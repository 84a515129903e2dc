using System.Buffers;
using System.Text;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>
/// Lines of RFC 4180 in UTF-8. A cell that a spreadsheet would run as a formula gets an apostrophe in front, which makes it text there
/// (OWASP, CSV Injection).
/// </summary>
internal sealed class CsvWriter(Stream stream) : IAsyncDisposable
{
    private const string StartsFormula = "=+-@\t\r";

    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    private readonly StreamWriter _text = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 32 * 1024, leaveOpen: true);

    public Task WriteAsync(IEnumerable<string> cells, CancellationToken cancellationToken) =>
        _text.WriteAsync($"{string.Join(',', cells.Select(Cell))}\r\n".AsMemory(), cancellationToken);

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    private static string Cell(string value)
    {
        var harmless = value is [var first, ..] && StartsFormula.Contains(first, StringComparison.Ordinal) ? $"'{value}" : value;
        return harmless.AsSpan().ContainsAny(NeedsQuotes) ? $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : harmless;
    }
}
