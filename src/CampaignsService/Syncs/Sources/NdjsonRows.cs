using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>
/// Reads newline-delimited JSON: one object a line, its values strings, numbers, booleans or null. Blank lines are skipped.
/// </summary>
internal static class NdjsonRows
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static async IAsyncEnumerable<SourceRow> ReadAsync(
        UploadBytes bytes, ColumnSet columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(bytes, new StreamPipeReaderOptions(leaveOpen: true));
        var (line, wasReturn) = (0L, false);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (TakeLine(ref rest, read.IsCompleted, ref wasReturn, out var text))
            {
                line++;
                if (Parse(text, line, columns) is { } row)
                {
                    yield return row;
                }
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    // a line ends with CR, LF or both, as UploadBytes counts them
    private static bool TakeLine(ref ReadOnlySequence<byte> rest, bool isEnd, ref bool wasReturn, out ReadOnlySequence<byte> line)
    {
        var reader = new SequenceReader<byte>(rest);
        if (wasReturn && !rest.IsEmpty)
        {
            reader.IsNext(LineFeed, advancePast: true);
            rest = reader.UnreadSequence;
            wasReturn = false;
        }

        if (reader.TryReadToAny(out line, [CarriageReturn, LineFeed], advancePastDelimiter: false))
        {
            wasReturn = reader.IsNext(CarriageReturn);
            reader.Advance(1);
            rest = reader.UnreadSequence;
            return true;
        }

        line = rest;
        if (!isEnd || rest.IsEmpty)
        {
            return false;
        }

        rest = rest.Slice(rest.End);
        return true;
    }

    private static SourceRow? Parse(ReadOnlySequence<byte> text, long line, ColumnSet columns)
    {
        var json = text.ToArray().AsMemory();
        if (line == 1 && json.Span.StartsWith(ByteOrderMark))
        {
            json = json[ByteOrderMark.Length..];
        }

        if (json.Span.Trim(" \t"u8).IsEmpty)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                throw new SourceException(
                    SourceFailures.Broken(line, "not a JSON object. Send one object a line, such as {\"email\":\"ada@example.com\"}."));
            }

            var values = SourceRow.ReadColumns(document.RootElement, isNested: false)
                ?? throw new SourceException(
                    SourceFailures.Broken(line, "a value is an object or a list. Send strings, numbers and booleans."));
            foreach (var name in values.Keys)
            {
                columns.Add(name);
            }

            return new SourceRow(line, values);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var from = e is JsonException { BytePositionInLine: { } at } ? $" (from its byte {at + 1})" : "";
            throw new SourceException(SourceFailures.Broken(line, $"not a JSON object{from}. Send one object a line."));
        }
    }
}
