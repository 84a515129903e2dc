using System.Text;
using Google.Protobuf;
using ZohoPlatform.CampaignsService.Syncs.Sources;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>CSV as spreadsheets, other programs and our own export write it.</summary>
public sealed class CsvRowsTests
{
    [Theory]
    // what the export of a ledger puts before what a spreadsheet would take for a formula
    [InlineData("'=1+1", "=1+1")]
    [InlineData("'+49@example.com", "+49@example.com")]
    [InlineData("'-1+1@example.com", "-1+1@example.com")]
    [InlineData("'@SUM(A1)", "@SUM(A1)")]
    [InlineData("''=1+1", "'=1+1")]
    [InlineData("a;'=1+1", "a;=1+1")]
    [InlineData("'\uFF1D1+1", "\uFF1D1+1")]
    [InlineData("'\u200B=1+1", "\u200B=1+1")]
    [InlineData("'\uFEFFa", "\uFEFFa")]
    [InlineData("'\"\"=1+1", "\"=1+1")]
    [InlineData("a\n'=1+1", "a\n=1+1")]
    // and what is no guard
    [InlineData("O'Neill", "O'Neill")]
    [InlineData("'s-Hertogenbosch", "'s-Hertogenbosch")]
    [InlineData("'49", "'49")]
    [InlineData("=1+1", "=1+1")]
    // as a spreadsheet keeps the zeros of a number, in quotes
    [InlineData("=\"\"0049 30\"\"", "0049 30")]
    public async Task A_quoted_cell_is_what_was_exported(string cell, string value) =>
        Assert.Equal([("ada@example.com", value)], await ReadAsync($"\"email\",\"x\"\r\n\"ada@example.com\",\"{cell}\"\r\n"));

    [Theory]
    [InlineData("email,x\nada@example.com,=\"0049\"\n", "0049")]
    [InlineData("email,x\nada@example.com, =\"0049\" \n", "0049")]
    [InlineData("x;email\n=\"0049\";\"ada@example.com\"\n", "0049")]
    [InlineData("email,x\nada@example.com,='0049'\n", "='0049'")]
    public async Task A_number_that_a_spreadsheet_holds_as_text_is_that_text(string csv, string value) =>
        Assert.Equal([("ada@example.com", value)], await ReadAsync(csv));

    [Theory]
    [InlineData("email,x\nada@example.com\ngrace@example.com,\n")]
    [InlineData("email,x,,\nada@example.com\ngrace@example.com,,,,\n")]
    [InlineData("email,,x\nada@example.com,\ngrace@example.com,,\n")]
    public async Task What_is_missing_at_a_rows_end_is_empty_and_a_column_without_name_and_values_is_none(string csv) =>
        Assert.Equal([("ada@example.com", ""), ("grace@example.com", "")], await ReadAsync(csv));

    [Theory]
    [InlineData("sep=;\r\nemail;x\r\nada@example.com;a,b\r\n", "a,b")]
    [InlineData("\uFEFFsep=,\nemail,x\nada@example.com,a;b\n", "a;b")]
    [InlineData("\"sep=|\"\remail|x\rada@example.com|a;b\r", "a;b")]
    [InlineData("SEP=\t\n\nemail\tx\nada@example.com\ta;b\n", "a;b")]
    [InlineData("\n\r\n  \nemail;x\nada@example.com;a,b\n", "a,b")]
    [InlineData("\uFEFF;;\r\n\"\";\r\nemail;x\r\nada@example.com;a,b\r\n", "a,b")]
    public async Task Blank_lines_and_the_separator_that_a_spreadsheet_names_may_stand_before_the_header(string csv, string value)
    {
        foreach (var chunk in new[] { 1, 5, 1_000 })
        {
            Assert.Equal([("ada@example.com", value)], await ReadAsync(csv, chunk));
        }
    }

    [Theory]
    [InlineData("Customers 2026\n\nemail,x\nada@example.com,a\n", "Line 3: value 2", "\"Customers 2026\"")]
    [InlineData("\nCustomers 2026,,\nemail,x\nada@example.com,a\n", "Line 3: value 2", "Line 2, which is taken for the header")]
    [InlineData("sep=;\n\nemail;x\nada@example.com;a;b\n", "Line 4: value 3", "no name")]
    [InlineData("sep=;\n\nemail;email\nada@example.com;a\n", "Line 3: ", "twice")]
    [InlineData("ada@example.com,a\ngrace@example.com,b\n", "Line 1: ", "a header line")]
    public async Task A_title_or_a_row_where_the_header_belongs_is_named_with_what_is_wanted(string csv, string begins, string told)
    {
        var failure = (await Assert.ThrowsAsync<SourceException>(() => ReadAsync(csv))).Failure;

        Assert.StartsWith(begins, failure.Message, StringComparison.Ordinal);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("@example.com", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("email,\nada@example.com,Ada\n", "Line 2: value 2")]
    [InlineData("email,x\nada@example.com,Ada,Lovelace\n", "Line 2: value 3")]
    [InlineData("email,x\nada@example.com,=\"00\"49\n", "Line 2: a quote")]
    [InlineData("email,x\nada@example.com,=\"0049\n", "Line 2: a quote")]
    [InlineData("email,x\nada@example.com,=\"0049\"\ngrace@example.com,a\"b\"\n", "Line 3: a quote")]
    [InlineData("email,x\n=\"0049\",\"a\"b\n", "Line 2: a quote")]
    public async Task What_could_stand_under_a_wrong_name_is_refused_with_its_line(string csv, string told) => Assert.StartsWith(
        told, (await Assert.ThrowsAsync<SourceException>(() => ReadAsync(csv))).Failure.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task However_lines_end_a_file_of_many_is_read_and_a_broken_one_is_named_by_its_number(string end)
    {
        var lines = Enumerable.Range(0, 10_000).Select(i => $"user{i}@example.com,\"a{end}b\"").ToList();
        var csv = string.Join(end, ["email,x", .. lines]);

        var rows = await ReadAsync(csv, chunk: 1_001);

        Assert.Equal(10_000, rows.Count);
        Assert.Equal(("user9999@example.com", $"a{end}b"), rows[^1]);
        var broken = await Assert.ThrowsAsync<SourceException>(() => ReadAsync(csv + end + "x,\"a\"b", chunk: 1_001));
        Assert.StartsWith("Line 20,002:", broken.Failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Lines_of_json_end_like_those_of_csv(string end)
    {
        var json = string.Join(end, Enumerable.Range(0, 5_000).Select(i => $$"""{"email":"user{{i}}@example.com"}"""));
        var columns = new ColumnSet();
        await using var bytes = Bytes(Encoding.UTF8.GetBytes(json + end + end + "nonsense"), 1_001);
        var rows = 0;

        var broken = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (var row in NdjsonRows.ReadAsync(bytes, columns, default))
            {
                Assert.Equal(++rows, row.Line);
            }
        });

        Assert.Equal(5_000, rows);
        Assert.StartsWith("Line 5,002:", broken.Failure.Message, StringComparison.Ordinal);
    }

    private static async Task<List<(string Email, string X)>> ReadAsync(string csv, int chunk = 5)
    {
        var rows = new List<(string, string)>();
        var columns = new ColumnSet();
        await using var bytes = Bytes(Encoding.UTF8.GetBytes(csv), chunk);
        await foreach (var row in CsvRows.ReadAsync(bytes, columns, default))
        {
            Assert.DoesNotContain(row.Columns.Keys, name => name is not ("email" or "x"));
            rows.Add((row.Columns["email"], row.Columns.GetValueOrDefault("x", "")));
        }

        return rows;
    }

    private static UploadBytes Bytes(byte[] file, int chunk) => new(
        file.Chunk(chunk).Select(ByteString.CopyFrom).ToAsyncEnumerable(), default);
}
