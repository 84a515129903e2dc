using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Client.Campaigns;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary>
/// A file of users on its way to the platform: opened, looked at where it begins, and made UTF-8 while it is read. Only as much of it is in memory as
/// its first lines take.
/// </summary>
internal sealed partial class SourceFile : IAsyncDisposable
{
    private const int LineLimit = 64 * 1024;

    private static readonly byte[] Utf8Mark = [0xEF, 0xBB, 0xBF];
    private static readonly byte[] LittleEndianMark = [0xFF, 0xFE];
    private static readonly byte[] BigEndianMark = [0xFE, 0xFF];

    private readonly Stream _file;

    private SourceFile(Stream file, Stream content, string name) => (_file, Content, Name) = (file, content, name);

    /// <summary>To be read once.</summary>
    public Stream Content { get; }

    /// <summary>As people know it.</summary>
    public string Name { get; }

    /// <summary>Bytes of the file; null where it is a pipe, of which nobody knows.</summary>
    public long? Size => _file.CanSeek ? _file.Length : null;

    /// <param name="file">- is standard input.</param>
    /// <param name="format">Only a CSV file has a header line.</param>
    /// <param name="encoding">What it is written in; UTF-8 when null.</param>
    /// <param name="columns">Columns that it must have, with the option that names each.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="CommandFailure">It cannot be read, or its beginning says that nothing good would come of it.</exception>
    public static async Task<SourceFile> OpenAsync(
        FileInfo file,
        SourceFormat format,
        Encoding? encoding,
        IReadOnlyList<(string Option, string Column)> columns,
        CancellationToken cancellationToken)
    {
        var isInput = file.ToString() == "-";
        var name = isInput ? "standard input" : file.Name;
        var opened = isInput ? Console.OpenStandardInput() : OpenRead(file);
        try
        {
            var content = encoding is null ? opened : await Utf8Async(opened, encoding, name, cancellationToken);
            var pipe = PipeReader.Create(content);
            if (format is SourceFormat.Csv)
            {
                Check(await HeaderAsync(pipe, name, encoding, cancellationToken), name, columns);
            }

            return new SourceFile(opened, pipe.AsStream(), name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await opened.DisposeAsync();
            throw Unreadable(file, e);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is wrong where its content breaks off while it is sent.</summary>
    public static CommandFailure NotIn(Encoding encoding, string name) => new(
        "source_encoding_wrong",
        $"{name} is not {encoding.WebName}: it holds bytes that are no characters of it. Name what its program wrote with --encoding.");

    public static FileStream OpenRead(FileInfo file)
    {
        try
        {
            return new FileStream(file.FullName, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        await _file.DisposeAsync();
    }

    private static CommandFailure Unreadable(FileInfo file, Exception exception) =>
        new("file_unreadable", $"{file} cannot be read: {FileTrouble.Of(exception, file.FullName)}.");

    private static async Task<Stream> Utf8Async(Stream file, Encoding encoding, string name, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(file);
        var begin = (await pipe.ReadAtLeastAsync(Utf8Mark.Length, cancellationToken)).Buffer;
        var first = begin.Slice(0, Math.Min(begin.Length, Utf8Mark.Length)).ToArray();
        pipe.AdvanceTo(begin.Start, begin.Start);
        var isUtf16 = encoding.WebName.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase);
        if (first.AsSpan().StartsWith(Utf8Mark))
        {
            throw new CommandFailure("source_encoding_wrong", $"{name} begins as UTF-8 does: leave --encoding out.");
        }

        if (first.AsSpan().StartsWith(LittleEndianMark) || first.AsSpan().StartsWith(BigEndianMark))
        {
            // the mark is part of the file, and says more than a name
            encoding = isUtf16
                ? new UnicodeEncoding(bigEndian: first[0] == BigEndianMark[0], byteOrderMark: true, throwOnInvalidBytes: true)
                : throw new CommandFailure("source_encoding_wrong", $"{name} begins as UTF-16 does: --encoding utf-16.");
        }

        return Encoding.CreateTranscodingStream(pipe.AsStream(), encoding, Encoding.UTF8);
    }

    /// <summary>An encoding by its name that takes nothing for a character which is none; null where there is no such name.</summary>
    public static Encoding? Strict(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    // null where the platform has the better words: what is no UTF-8, or has no end
    private static async Task<string?> HeaderAsync(PipeReader pipe, string name, Encoding? encoding, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellationToken);
                var begin = read.Buffer;
                var header = HeaderIn(begin, read.IsCompleted);
                pipe.AdvanceTo(begin.Start, header is null && !read.IsCompleted && begin.Length < LineLimit ? begin.End : begin.Start);
                if (header is not null || read.IsCompleted || begin.Length >= LineLimit)
                {
                    return header;
                }
            }
        }
        catch (DecoderFallbackException)
        {
            throw NotIn(encoding!, name);
        }
    }

    // spreadsheets may write what separates above it
    private static string? HeaderIn(ReadOnlySequence<byte> begin, bool isAll)
    {
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(WholeLines(begin, isAll));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        return text.Contains('\0', StringComparison.Ordinal)
            ? null
            : text.TrimStart('\uFEFF').Split(['\r', '\n']).FirstOrDefault(line =>
                !string.IsNullOrWhiteSpace(line) && !line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase));
    }

    private static byte[] WholeLines(ReadOnlySequence<byte> begin, bool isAll)
    {
        var bytes = begin.ToArray();
        return isAll ? bytes : bytes[..(bytes.AsSpan().LastIndexOfAny((byte)'\r', (byte)'\n') + 1)];
    }

    // only what is beyond doubt: the platform reads the file with all its rules
    private static void Check(string? header, string name, IReadOnlyList<(string Option, string Column)> columns)
    {
        // one with an open quote goes on in the next line
        if (header is null || header.Count(c => c == '"') % 2 == 1)
        {
            return;
        }

        if (Address.IsMatch(header))
        {
            throw new CommandFailure(
                "header_missing",
                $"The first line of {name} holds a mail address: put a line above it that names the columns, such as email,first_name,last_name.");
        }

        var missing = columns.FirstOrDefault(
            column => !header.Contains(column.Column.Replace("\"", "\"\"", StringComparison.Ordinal), StringComparison.Ordinal));
        if (missing.Column is not null)
        {
            throw new CommandFailure("column_unknown", $"{missing.Option}: {name} has no column {missing.Column}. Its first line is: {header}");
        }
    }

    [GeneratedRegex(@"[^\s""',;@]@[^\s""',;@]+\.[^\s""',;@]", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Address { get; }
}
