using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Format = ZohoPlatform.Contracts.Campaigns.V1.UploadHeader.Types.Format;
using TablePage = ZohoPlatform.CampaignsService.Syncs.Sources.TablePage;
using UploadStore = ZohoPlatform.CampaignsService.Syncs.Sources.UploadStore;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Files and rows that are sent: what is taken from them, and what a wrong one is answered with.</summary>
public sealed class UploadTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private const int Stalls = 20;

    private Campaigns _campaigns = null!;
    private TenantId _tenant;
    private Syncing _syncing = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho, pushes: false);
        _tenant = (await _campaigns.TenantAsync()).Id;
        _syncing = new Syncing(_campaigns.Host, _tenant);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Theory]
    [InlineData("email,first name\nada@example.com,Ada\ngrace@example.com,Grace\n")]
    [InlineData("\uFEFFemail;first name\r\nada@example.com;Ada\r\ngrace@example.com;Grace")]
    [InlineData("email\tfirst name\n\nada@example.com\tAda\n\ngrace@example.com\tGrace\n\n")]
    [InlineData("\"email\",\"first name\"\n\"ada@example.com\",\"Ada, the \"\"first\"\"\nof all\"\ngrace@example.com,\n")]
    public async Task Csv_is_read_with_any_usual_separator_and_quoting(string csv)
    {
        // in pieces that cut through everything
        var upload = await _syncing.UploadAsync(Encoding.UTF8.GetBytes(csv), chunk: 7);

        Assert.Equal(2, upload.Rows);
        Assert.Equal(["email", "first name"], upload.Columns);
    }

    [Fact]
    public async Task An_upload_that_stalls_is_given_up_and_takes_nothing_from_those_after_it()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var campaigns = await Campaigns.StartAsync(zoho, clock, pushes: false);
        var tenant = (await campaigns.TenantAsync()).Id;
        var syncing = new Syncing(campaigns.Host, tenant);
        for (var i = 0; i < Stalls; i++)
        {
            using var call = campaigns.Host.Syncs.UploadSource(campaigns.Host.TicketOf(tenant, Role.Operator));
            await call.RequestStream.WriteAsync(new UploadSourceRequest { Header = new UploadHeader { Format = Format.Csv } });
            await call.RequestStream.WriteAsync(new UploadSourceRequest { Chunk = ByteString.CopyFromUtf8("email\nada@example.com\n") });
            var refusing = Refused.ByAsync(async () => await call.ResponseAsync);
            // until it waits for more
            while (await Task.WhenAny(refusing, Task.Delay(TimeSpan.FromMilliseconds(50))) != refusing)
            {
                clock.Advance(TimeSpan.FromMinutes(1));
            }

            Assert.Equal("upload_stalled", (await refusing).Code);
            // over the same connection
            await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => Assert.Equal(1, (await syncing.UploadAsync("email\nada@example.com\n")).Rows)));
        }
    }

    [Fact]
    public async Task Ndjson_is_read_line_by_line()
    {
        var upload = await _syncing.UploadAsync(
            Encoding.UTF8.GetBytes(
                "{\"email\":\"ada@example.com\",\"age\":36,\"ok\":true}\r\n\n{\"email\":\"gr\u00fcn@example.com\",\"city\":null}"),
            Format.Ndjson,
            chunk: 5);

        Assert.Equal(2, upload.Rows);
        Assert.Equal(["email", "age", "ok"], upload.Columns);
    }

    [Fact]
    public async Task A_database_that_goes_away_under_an_upload_makes_it_unavailable_and_keeps_nothing()
    {
        var database = new NpgsqlConnectionStringBuilder(_campaigns.Database).Database;
        await using var elsewhere = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_campaigns.Database) { Database = "postgres" });
        using var call = _campaigns.Host.Syncs.UploadSource(_campaigns.Host.TicketOf(_tenant, Role.Operator));
        await call.RequestStream.WriteAsync(new UploadSourceRequest { Header = new UploadHeader { Format = Format.Csv } });
        await call.RequestStream.WriteAsync(new UploadSourceRequest { Chunk = ByteString.CopyFromUtf8("email\nada@example.com\n") });
        await Eventually.GetAsync(() => CountAsync("sync_uploads"), begun => begun == 1);

        await RunAsync($"ALTER DATABASE {database} ALLOW_CONNECTIONS false");
        await RunAsync($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'");
        await call.RequestStream.CompleteAsync();
        var refusal = await Refused.ByAsync(async () => await call.ResponseAsync);
        await RunAsync($"ALTER DATABASE {database} ALLOW_CONNECTIONS true");

        Assert.Equal((FailureKind.Unavailable, "storage_unavailable"), (refusal.Kind, refusal.Code));
        // what could not be forgotten then goes when its time is over
        await using (var own = NpgsqlDataSource.Create(_campaigns.Database))
        await using (var end = own.CreateCommand("UPDATE upload_queue SET due_at = now()"))
        {
            Assert.Equal(1, await end.ExecuteNonQueryAsync());
        }

        await _campaigns.AddReplicaAsync();
        await Eventually.GetAsync(() => CountAsync("sync_uploads"), kept => kept == 0);
        await AssertNothingIsKeptAsync();

        async Task<object?> RunAsync(string sql)
        {
            await using var command = elsewhere.CreateCommand(sql);
            return await command.ExecuteScalarAsync();
        }
    }

    [Fact]
    public async Task Rows_can_be_sent_as_they_are()
    {
        using var call = _campaigns.Host.Syncs.UploadSource(_campaigns.Host.TicketOf(_tenant, Role.Operator));
        await call.RequestStream.WriteAsync(new UploadSourceRequest { Header = new UploadHeader { Format = Format.Rows } });
        await call.RequestStream.WriteAsync(
            new UploadSourceRequest { Row = new SourceRow { Columns = { ["email"] = "ada@example.com" } } });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(1, (await call.ResponseAsync).Rows);
    }

    [Theory]
    [InlineData("email,name\nada@example.com,Ada\ngrace@example.com,Grace,x\n", "source_broken", "Line 3:")]
    [InlineData("email,name\nada@example.com,\"Ada\n", "source_broken", "Line 2:")]
    [InlineData("email,name\nada@example.com,\"A\"da\n", "source_broken", "Line 2:")]
    [InlineData("email,email\nada@example.com,Ada\n", "source_broken", "twice")]
    [InlineData("email,\nada@example.com,Ada\n", "source_broken", "Line 2: value 2")]
    [InlineData("email\nada\0@example.com\n", "source_broken", "NUL")]
    [InlineData("", "source_empty", "")]
    [InlineData("email\n", "source_empty", "")]
    public async Task Broken_csv_is_refused_with_the_line_and_nothing_is_kept(string csv, string code, string told)
    {
        var refusal = await Refused.ByAsync(() => _syncing.UploadAsync(csv));

        Assert.Equal(code, refusal.Code);
        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
        await AssertNothingIsKeptAsync();
    }

    [Theory]
    [InlineData("{\"email\":\"ada@example.com\"}\nnonsense\n", "Line 2:")]
    [InlineData("[1]\n", "Line 1:")]
    [InlineData("{\"email\":{\"a\":1}}\n", "Line 1:")]
    [InlineData("{\"email\":\"\\ud800\"}\n", "Line 1:")]
    public async Task Broken_ndjson_is_refused_with_the_line_and_nothing_is_kept(string text, string told)
    {
        var refusal = await Refused.ByAsync(() => _syncing.UploadAsync(Encoding.UTF8.GetBytes(text), Format.Ndjson));

        Assert.Equal("source_broken", refusal.Code);
        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
        await AssertNothingIsKeptAsync();
    }

    [Theory]
    [InlineData("windows-1252", "", "line 3, byte 47 ", "text in an older encoding, such as windows-1252")]
    [InlineData("windows-1251", "", "line 3, byte 46 ", "text in an older encoding, such as windows-1252")]
    [InlineData("utf-16", "FFFE", "line 1, byte 1 ", "looks like UTF-16")]
    [InlineData("utf-16BE", "FEFF", "line 1, byte 1 ", "looks like UTF-16")]
    [InlineData("utf-16", "", "line 1, byte 2 ", "looks like UTF-16LE")]
    [InlineData("utf-16BE", "", "line 1, byte 1 ", "looks like UTF-16BE")]
    [InlineData("us-ascii", "504B0304", "line 1, byte 1 ", "Excel workbook")]
    [InlineData("us-ascii", "D0CF11E0A1B11AE1", "line 1, byte 1 ", "Excel workbook")]
    [InlineData("us-ascii", "1F8B08", "line 1, byte 1 ", "gzip")]
    public async Task Another_encoding_is_refused_with_its_name_and_the_line_and_the_byte_and_a_fix(
        string encoding, string begins, string place, string looks)
    {
        var name = encoding is "windows-1251" ? "\u042E\u0440\u0438\u0439" : "J\u00f6rg";
        var file = Convert.FromHexString(begins).Concat(CodePagesEncodingProvider.Instance.GetEncoding(encoding) is { } page
            ? page.GetBytes($"email,name\nada@example.com,Ada\nj@example.com,{name}\n")
            : Encoding.GetEncoding(encoding).GetBytes($"email,name\nada@example.com,Ada\nj@example.com,{name}\n")).ToArray();

        foreach (var chunk in new[] { 3, 10_000 })
        {
            foreach (var format in new[] { Format.Csv, Format.Ndjson })
            {
                var refusal = await Refused.ByAsync(() => _syncing.UploadAsync(file, format, chunk));
                Assert.True(refusal.Code is "source_not_utf8" || (format is Format.Ndjson && refusal.Code is "source_broken"), refusal.Code);
                if (format is Format.Csv)
                {
                    Assert.Contains(place, refusal.Message, StringComparison.Ordinal);
                    Assert.Contains(looks, refusal.Message, StringComparison.Ordinal);
                }
            }
        }

        await AssertNothingIsKeptAsync();
    }

    [Fact]
    public async Task A_nul_is_refused_wherever_it_stands()
    {
        var named = await Refused.ByAsync(() => _syncing.UploadAsync("{\"email\":\"a@b.de\",\"na\\u0000me\":1}\n"u8.ToArray(), Format.Ndjson));
        using var call = _campaigns.Host.Syncs.UploadSource(_campaigns.Host.TicketOf(_tenant, Role.Operator));
        await call.RequestStream.WriteAsync(new UploadSourceRequest { Header = new UploadHeader { Format = Format.Rows } });
        await call.RequestStream.WriteAsync(new UploadSourceRequest { Row = new SourceRow { Columns = { ["na\0me"] = "Ada" } } });
        var sent = await Refused.ByAsync(async () => await call.ResponseAsync);
        var upload = await _syncing.UploadAsync("email,x\nada@example.com,y\n");
        var request = new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, DryRun = true };
        var (filtered, mapped) = (request.Clone(), request.Clone());
        filtered.Filters.Add(new RowFilter { Column = "x", Values = { "\0" } });
        mapped.Mapping.Add(new FieldMapping { Column = "email", Field = "Contact\0Email" });

        Assert.Equal(("source_broken", "source_broken"), (named.Code, sent.Code));
        Assert.Equal("filters", (await Refused.ByAsync(() => _syncing.CreateAsync(filtered))).Field);
        Assert.Equal("mapping", (await Refused.ByAsync(() => _syncing.CreateAsync(mapped))).Field);
    }

    [Fact]
    public async Task A_row_without_an_end_or_with_too_many_columns_or_a_name_without_end_is_refused_before_it_fills_the_memory()
    {
        var endless = await Refused.ByAsync(() => _syncing.UploadAsync("email\n\"" + new string('a', 100_000)));
        Assert.Equal("source_broken", endless.Code);
        Assert.Contains("Line 2:", endless.Message, StringComparison.Ordinal);

        var wide = await Refused.ByAsync(() => _syncing.UploadAsync(string.Join(',', Enumerable.Range(0, 201)) + "\n"));
        Assert.Equal("source_too_many_columns", wide.Code);

        var named = await Refused.ByAsync(() => _syncing.UploadAsync(new string('漢', 501) + "\nAda\n"));
        Assert.Equal("source_column_too_long", named.Code);
        Assert.Contains("500 characters", named.Message, StringComparison.Ordinal);
        await AssertNothingIsKeptAsync();
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_and_nothing_is_kept()
    {
        var line = Encoding.UTF8.GetBytes("{}\n" + new string(' ', 60_000) + "\n");
        var chunk = Enumerable.Repeat(line, 16).SelectMany(bytes => bytes).ToArray();
        using var call = _campaigns.Host.Syncs.UploadSource(_campaigns.Host.TicketOf(_tenant, Role.Operator));
        await call.RequestStream.WriteAsync(new UploadSourceRequest { Header = new UploadHeader { Format = Format.Ndjson } });

        var refusal = await Refused.ByAsync(async () =>
        {
            try
            {
                for (var sent = 0L; sent < 300L * 1024 * 1024; sent += chunk.Length)
                {
                    await Syncing.SendAsync(call, new() { Chunk = UnsafeByteOperations.UnsafeWrap(chunk) });
                }

                await call.RequestStream.CompleteAsync();
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
            {
                // it has been answered already: the answer is read below
            }

            await call.ResponseAsync;
        });

        Assert.Equal("source_too_big", refusal.Code);
        await AssertNothingIsKeptAsync();
    }

    [Fact]
    public async Task What_a_tenant_keeps_is_bounded_and_a_refusal_says_when_there_is_room()
    {
        var first = await _syncing.UploadAsync("email\nada@example.com\n");
        // an upload, its pack of rows with what is in it, and its column
        var size = (64 * 1024) + 256 + "email".Length + await AskAsync("SELECT sum(length(content))::bigint FROM sync_upload_packs");
        Assert.Equal(size, await AskAsync("SELECT bytes FROM sync_uploads"));
        // what it has room for is one more upload with one row, as it is counted
        await AskAsync($"UPDATE sync_uploads SET bytes = {(2L << 30) - size} RETURNING bytes");
        await _syncing.UploadAsync("email\nada@example.com\n");

        // before anything of it is read, and on the way
        var refusal = await Refused.ByAsync(() => _syncing.UploadAsync("email\nada@example.com\n"));
        await AskAsync($"UPDATE sync_uploads SET bytes = bytes - {64 * 1024} WHERE id = '{first.Id}' RETURNING bytes");
        var onTheWay = await Refused.ByAsync(() => _syncing.UploadAsync("email\nada@example.com\n"));

        Assert.Equal((FailureKind.RateLimited, "uploads_full"), (refusal.Kind, refusal.Code));
        Assert.Contains($"{first.ExpiresAt.ToDateTime():u}", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        Assert.Equal("uploads_full", onTheWay.Code);
        Assert.Equal(2, await CountAsync("sync_uploads"));

        // another tenant has its own
        await new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id).UploadAsync("email\nada@example.com\n");
    }

    [Fact]
    public async Task Many_short_rows_take_no_more_than_their_file_and_are_read_back_page_by_page()
    {
        // 400,000 rows of two bytes
        var file = Encoding.UTF8.GetBytes("e\n" + string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{(char)('a' + (i % 26))}\n")));
        var upload = await _syncing.UploadAsync(file);

        Assert.Equal(400_000, upload.Rows);
        Assert.InRange(
            await AskAsync("SELECT pg_total_relation_size('sync_upload_packs') + pg_total_relation_size('sync_uploads')"), 1, file.Length);
        Assert.InRange(await AskAsync("SELECT bytes FROM sync_uploads"), 1, file.Length);

        var store = _campaigns.Host.Services.GetRequiredService<UploadStore>();
        async Task<TablePage> ReadAsync(long behind, int most = 1_000) => await store.ReadAsync(_tenant, Guid.Parse(upload.Id), behind, most, default);
        var middle = await ReadAsync(200_017);
        Assert.Equal("200018", middle.Rows[0].Key);
        Assert.Equal($"{(char)('a' + (200_017 % 26))}", middle.Rows[0].Columns["e"]);
        Assert.Equal(983, middle.Rows.Count);
        Assert.False(middle.IsLast);
        Assert.Equal(["200018", "200019"], (await ReadAsync(200_017, most: 2)).Rows.Select(row => row.Key));
        Assert.True((await ReadAsync(399_000)).IsLast);
        Assert.Empty((await ReadAsync(400_000)).Rows);
    }

    [Fact]
    public async Task Rows_come_back_as_they_were_sent_whatever_columns_each_has()
    {
        var upload = await _syncing.UploadAsync(
            Encoding.UTF8.GetBytes("{\"email\":\"a@b.cd\"}\n{\"x\":\"\u00fc\\n\\\"\",\"email\":\"\"}\n{}\n{\"y\":1}\n"), Format.Ndjson);

        var page = await _campaigns.Host.Services.GetRequiredService<UploadStore>().ReadAsync(
            _tenant, Guid.Parse(upload.Id), position: 0, most: 1_000, default);

        Assert.True(page.IsLast);
        Assert.Equal(
            ["email=a@b.cd", "email=,x=\u00fc\n\"", "", "y=1"],
            page.Rows.Select(row => string.Join(',', row.Columns.Select(c => $"{c.Key}={c.Value}").Order(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task A_file_without_a_mail_column_cannot_be_synced_and_the_columns_are_named()
    {
        var upload = await _syncing.UploadAsync("name,city\nAda,London\n");

        var refusal = await Refused.ByAsync(
            () => _syncing.CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id } }));

        Assert.Equal(("invalid_field", "mapping"), (refusal.Code, refusal.Field));
        Assert.Contains("name, city", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Z", 100_000, 1)]
    [InlineData("漢", 9_000, 1)]
    [InlineData("First Name", 1, 201)]
    public async Task A_name_without_end_in_a_mapping_is_refused_with_the_limit_and_not_said_again(string column, int times, int fieldLength)
    {
        var upload = await _syncing.UploadAsync("email\nada@example.com\n");

        var refusal = await Refused.ByAsync(() => _syncing.CreateAsync(new CreateSyncRequest
        {
            Source = new SyncSource { UploadId = upload.Id },
            Mapping = { new FieldMapping { Column = string.Concat(Enumerable.Repeat(column, times)), Field = new string('f', fieldLength) } },
        }));

        Assert.Equal(("invalid_field", "mapping"), (refusal.Code, refusal.Field));
        Assert.Contains("a column has at most 500 characters, a field 200", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_may_not_upload() =>
        Assert.Equal("role_missing", (await Refused.ByAsync(() => _syncing.UploadAsync([], role: Role.Viewer))).Code);

    private async Task AssertNothingIsKeptAsync()
    {
        Assert.Equal(0, await CountAsync("sync_uploads"));
        Assert.Equal(0, await CountAsync("sync_upload_packs"));
    }

    private Task<long> CountAsync(string table) => AskAsync($"SELECT count(*) FROM {table}");

    private async Task<long> AskAsync(string sql)
    {
        // one of the pool may have been cut
        await using var connection = new NpgsqlConnection(_campaigns.Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
