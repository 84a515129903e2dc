using System.Globalization;
using System.IO.Compression;
using System.Text;
using ZohoPlatform.Simulator.Crm.Coql;

namespace ZohoPlatform.Simulator.Crm.Bulk;

/// <summary>
/// The result of a bulk read: a zip with one csv, whose header is the fields' API names. Lookups are bare ids; text with a comma, a quote
/// or a line break is quoted, quotes are doubled.
/// </summary>
internal static class BulkFile
{
    public static byte[] Write(CrmOrganisation organisation, BulkQuery query, long job, IReadOnlyList<CrmRecord> rows)
    {
        var columns = query.Fields.Where(name => name is not "id")
            .Select(name => (Name: name, Read: Reader(organisation, query.Module, name)))
            .ToList();
        using var zipped = new MemoryStream();
        using (var zip = new ZipArchive(zipped, ZipArchiveMode.Create, leaveOpen: true))
        using (var csv = new StreamWriter(
            zip.CreateEntry($"{job}.csv", CompressionLevel.Fastest).Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            csv.Write(string.Join(',', columns.Select(column => column.Name).Prepend("id")));
            csv.Write('\n');
            foreach (var record in rows)
            {
                csv.Write(CrmOrganisation.Text(record.Id));
                foreach (var column in columns)
                {
                    csv.Write(',');
                    csv.Write(Quoted(Text(organisation, column.Read(record))));
                }

                csv.Write('\n');
            }
        }

        return zipped.ToArray();
    }

    private static Func<CrmRecord, object?> Reader(CrmOrganisation organisation, CrmModule module, string name) =>
        name is "$converted" ? record => record.Conversion is not null : CoqlColumns.Find(organisation, module, name).Of;

    private static string Text(CrmOrganisation organisation, object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTimeOffset at => organisation.Write(at),
        string[] many => string.Join(';', many),
        LookupValue lookup => CrmOrganisation.Text(lookup.Id),
        UserValue user => CrmOrganisation.Text(user.Id),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
