using System.IO.Compression;
using CsvHelper;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// The records of a bulk read, in a file of this process that is deleted when it is closed. Read piece by piece: memory does not grow with
/// it.
/// </summary>
public sealed class CrmBulkFile : IAsyncDisposable
{
    private readonly FileStream _file;
    private readonly ZipArchive _archive;
    private readonly CsvReader _reader;

    private CrmBulkFile(FileStream file, ZipArchive archive, CsvReader reader) => (_file, _archive, _reader) = (file, archive, reader);

    /// <summary>API names, in the file's order; none of an empty file.</summary>
    public IReadOnlyList<string> Columns { get; private set; } = [];

    /// <summary>
    /// The next records, <paramref name="most"/> at most; none at the end. Each is by API name: times with their offset, lookups as bare
    /// ids, empty values left out. <c>zoho_bad_answer</c> where the file is broken from here on.
    /// </summary>
    public async Task<Result<IReadOnlyDictionary<string, string>[]>> ReadAsync(int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var rows = new List<IReadOnlyDictionary<string, string>>();
        try
        {
            while (rows.Count < most && await _reader.ReadAsync(cancellationToken))
            {
                if (_reader.FieldCount != Columns.Count)
                {
                    return CrmFailures.BadAnswer;
                }

                rows.Add(Enumerable.Range(0, Columns.Count)
                    .Select(i => KeyValuePair.Create(Columns[i], _reader.GetString(i)))
                    .Where(value => value.Value.Length > 0)
                    .ToDictionary(StringComparer.Ordinal));
            }
        }
        catch (Exception e) when (e is CsvFormatException or InvalidDataException)
        {
            return CrmFailures.BadAnswer;
        }

        return rows.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        _archive.Dispose();
        await _file.DisposeAsync();
    }

    /// <summary>A file that nobody else can read and that is gone once it is closed.</summary>
    internal static FileStream CreateTemporary()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), $"crm-bulk-{Guid.NewGuid():N}.zip"), options);
    }

    /// <summary>Opens what was downloaded; closes it where it is no zip with a table.</summary>
    internal static async Task<Result<CrmBulkFile>> OpenAsync(FileStream downloaded, CancellationToken cancellationToken)
    {
        ZipArchive? archive = null;
        CsvReader? reader = null;
        try
        {
            downloaded.Position = 0;
            archive = new ZipArchive(downloaded, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries.FirstOrDefault(entry => entry.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) is { } table)
            {
                reader = CsvReader.Create(
                    table.Open(),
                    CsvReaderOptions.Default with
                    {
                        HasHeader = false,
                        FieldCountMismatch = CsvFieldCountHandling.Allow,
                        IncludeValuesInExceptions = false,
                    },
                    leaveOpen: false);
                var file = new CrmBulkFile(downloaded, archive, reader);
                if (await reader.ReadAsync(cancellationToken))
                {
                    file.Columns = [.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetString(i).TrimStart('\uFEFF'))];
                }

                (archive, reader) = (null, null);
                return file;
            }

            return CrmFailures.BadAnswer;
        }
        catch (Exception e) when (e is InvalidDataException or CsvFormatException)
        {
            return CrmFailures.BadAnswer;
        }
        finally
        {
            if (reader is not null)
            {
                await reader.DisposeAsync();
            }

            archive?.Dispose();
        }
    }
}
