using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Campaigns.Syncs;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Format = ZohoPlatform.Contracts.Campaigns.V1.UploadHeader.Types.Format;

namespace ZohoPlatform.Gateway.Tests.Campaigns;

public sealed class SourceUploadTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Sources = "/api/v1/campaigns/sync-sources";
    private const int Mebibyte = 1024 * 1024;

    private readonly GatewayHost _gateway = shared.Host;

    [Theory]
    [InlineData("text/csv", Format.Csv)]
    [InlineData("Text/CSV; charset=UTF-8", Format.Csv)]
    [InlineData("application/x-ndjson", Format.Ndjson)]
    public async Task A_file_arrives_as_it_was_sent(string type, Format format)
    {
        var file = RandomNumberGenerator.GetBytes((2 * Mebibyte) + 17);
        using var received = new MemoryStream();
        UploadHeader? header = null;
        Caller? caller = null;
        var longest = 0;
        _gateway.Services.Campaigns.UploadSource = async (parts, context) =>
        {
            caller = context.Caller;
            await foreach (var part in parts.ReadAllAsync())
            {
                header ??= part.Header;
                longest = Math.Max(longest, part.Chunk.Length);
                part.Chunk.WriteTo(received);
            }

            return new()
            {
                Id = "u1",
                Name = header!.Name,
                Rows = 5000,
                Columns = { "mail", "name" },
                ExpiresAt = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero).ToTimestamp(),
            };
        };
        var (tenant, key) = await _gateway.CreateTenantAsync("operator");
        using var client = _gateway.CreateClient(key);

        using var content = Content(file, type);
        var answer = await client.SendAsync(HttpMethod.Post, $"{Sources}?name=n%C3%BCtzer.csv", content);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(
            """{"id":"u1","name":"nützer.csv","rows":5000,"expires_at":"2026-11-22T12:00:00Z","columns":["mail","name"]}""",
            answer.Text);
        Assert.Equal(new UploadHeader { Format = format, Name = "nützer.csv" }, header);
        Assert.Equal((tenant, Role.Operator), (caller!.Tenant.ToString(), caller.Role));
        Assert.Equal(file, received.ToArray());
        Assert.Equal(64 * 1024, longest);
    }

    [Fact]
    public async Task An_empty_file_is_for_the_service_to_refuse()
    {
        _gateway.Services.Campaigns.UploadSource = async (parts, _) =>
        {
            var count = 0;
            await foreach (var part in parts.ReadAllAsync())
            {
                count++;
            }

            throw Failure.InvalidField("file", $"The file has no header line ({count} parts).").ToRpcException();
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        using var content = Content([], "text/csv");
        var answer = await client.SendAsync(HttpMethod.Post, Sources, content);

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "file");
        Assert.Equal("The file has no header line (1 parts).", answer.Json.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("application/json", null)]
    [InlineData("multipart/form-data; boundary=x", null)]
    [InlineData("text/csv; charset=windows-1252", null)]
    [InlineData("text/csv", "gzip")]
    [InlineData(null, null)]
    public async Task Another_type_is_415(string? type, string? encoding)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = Content("mail\nada@example.com\n"u8.ToArray(), type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        (await client.SendAsync(HttpMethod.Post, Sources, content)).AssertProblem(HttpStatusCode.UnsupportedMediaType, "content_type_not_supported");
    }

    [Theory]
    [InlineData("%0A")]
    [InlineData("012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        + "012345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    public async Task A_name_is_short_and_printable(string name)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = Content("mail\n"u8.ToArray(), "text/csv");

        (await client.SendAsync(HttpMethod.Post, $"{Sources}?name={name}", content)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "name");
    }

    [Fact]
    public async Task Viewers_upload_nothing()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");
        using var content = Content("mail\n"u8.ToArray(), "text/csv");

        (await viewer.SendAsync(HttpMethod.Post, Sources, content)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
    }

    [Fact]
    public async Task A_key_for_repetitions_neither_holds_the_file_back_nor_replays_the_answer()
    {
        var uploads = 0;
        _gateway.Services.Campaigns.UploadSource = async (parts, _) =>
        {
            await foreach (var part in parts.ReadAllAsync())
            {
            }

            return new() { Id = $"u{++uploads}" };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        foreach (var id in new[] { "u1", "u2" })
        {
            using var content = Content(new byte[3 * Mebibyte], "text/csv");
            var answer = await client.SendAsync(HttpMethod.Post, Sources, content, ("Idempotency-Key", "once"));
            Assert.Equal(id, answer.Json.GetProperty("id").GetString());
        }
    }

    [Fact]
    public async Task A_file_that_says_it_is_too_large_is_refused_before_it_is_sent()
    {
        _gateway.Services.Campaigns.UploadSource = null;
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = new GeneratedContent(SourceUploadEndpoint.MaxBytes + 1, saysLength: true);

        var answer = await client.SendAsync(HttpMethod.Post, Sources, content, ("Expect", "100-continue"));

        answer.AssertProblem(HttpStatusCode.RequestEntityTooLarge, "source_too_large");
        Assert.Contains("268435456", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, content.Sent);
    }

    [Fact]
    public async Task A_file_that_turns_out_too_large_is_refused_and_nothing_of_it_kept()
    {
        var received = 0L;
        var end = new TaskCompletionSource<string>();
        _gateway.Services.Campaigns.UploadSource = async (parts, context) =>
        {
            try
            {
                await foreach (var part in parts.ReadAllAsync(context.CancellationToken))
                {
                    received += part.Chunk.Length;
                }

                end.SetResult("complete");
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
            {
                end.SetResult("cancelled");
            }

            return new() { Id = "kept" };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = new GeneratedContent(SourceUploadEndpoint.MaxBytes + Mebibyte, saysLength: false);

        (await client.SendAsync(HttpMethod.Post, Sources, content)).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "source_too_large");

        Assert.Equal("cancelled", await end.Task.WaitAsync(Eventually.Limit));
        Assert.InRange(received, 1, SourceUploadEndpoint.MaxBytes);
    }

    [Fact]
    public async Task A_file_is_read_no_faster_than_the_service_takes_it()
    {
        const int size = 100 * Mebibyte;
        using var content = new GeneratedContent(size, saysLength: true);
        var ahead = -1L;
        var received = 0L;
        _gateway.Services.Campaigns.UploadSource = async (parts, _) =>
        {
            await parts.MoveNext();
            // a gateway that holds the file itself takes all of it now, however slowly; only standing still says that this one does not
            while (ahead != (ahead = content.Sent))
            {
                await Task.WhenAny(content.Finished, Task.Delay(TimeSpan.FromMilliseconds(500)));
            }

            while (await parts.MoveNext())
            {
                received += parts.Current.Chunk.Length;
            }

            return new() { Id = "u1" };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var answer = await client.SendAsync(HttpMethod.Post, Sources, content);

        Assert.Equal((HttpStatusCode.Created, (long)size), (answer.Status, received));
        // sockets and the windows of HTTP/2 hold some
        Assert.InRange(ahead, 1, 32 * Mebibyte);
    }

    [Fact]
    public async Task A_file_of_the_largest_size_is_taken()
    {
        var received = 0L;
        _gateway.Services.Campaigns.UploadSource = async (parts, _) =>
        {
            await foreach (var part in parts.ReadAllAsync())
            {
                received += part.Chunk.Length;
            }

            return new() { Id = "u1" };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = new GeneratedContent(SourceUploadEndpoint.MaxBytes, saysLength: false);

        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync(HttpMethod.Post, Sources, content)).Status);
        Assert.Equal(SourceUploadEndpoint.MaxBytes, received);
    }

    [Theory]
    [InlineData("Content-Length: 1000000", false)]
    [InlineData("Content-Length: 1000000", true)]
    [InlineData("Transfer-Encoding: chunked", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    public async Task An_upload_that_is_cut_is_cancelled_at_the_service(string length, bool reset)
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource<string>();
        _gateway.Services.Campaigns.UploadSource = async (parts, context) =>
        {
            try
            {
                // with the call's token, as services read: without it a read after the end of the call is called a mistake of the reader's
                await foreach (var part in parts.ReadAllAsync(context.CancellationToken))
                {
                    begun.TrySetResult();
                }

                end.SetResult("complete");
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
            {
                end.SetResult("cancelled");
            }

            return new() { Id = "kept" };
        };
        var (_, key) = await _gateway.CreateTenantAsync("operator");

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(_gateway.Address.Host, _gateway.Address.Port);
            var head = $"POST {Sources} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: text/csv\r\n{length}\r\n\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{head}f\r\nmail\r\nada@examp\r\n"));
            await begun.Task.WaitAsync(Eventually.Limit);
            socket.LingerState = new LingerOption(reset, 0);
        }

        Assert.Equal("cancelled", await end.Task.WaitAsync(Eventually.Limit));
        var errors = string.Join('\n', _gateway.Logs.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)));
        Assert.True(errors.Length == 0, errors);
    }

    [Fact]
    public async Task An_upload_ends_with_the_key_that_sends_it()
    {
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        _gateway.Services.Campaigns.UploadSource = async (parts, context) =>
        {
            try
            {
                await foreach (var part in parts.ReadAllAsync(context.CancellationToken))
                {
                    begun.TrySetResult();
                }

                end.SetResult("complete");
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
            {
                end.SetResult("cancelled");
            }

            return new() { Id = "kept" };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var key = (await admin.PostAsync("/api/v1/admin/keys", new { name = "uploader", role = "operator" })).Json;
        using var socket = new TcpClient();
        await socket.ConnectAsync(_gateway.Address.Host, _gateway.Address.Port);
        var head = $"POST {Sources} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key.GetProperty("key").GetString()}\r\n"
            + "Content-Type: text/csv\r\nContent-Length: 1000000\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{head}mail\r\nada@examp"));
        await begun.Task.WaitAsync(Eventually.Limit);
        using var answer = new StreamReader(socket.GetStream());
        var answered = answer.ReadLineAsync();

        await admin.DeleteAsync($"/api/v1/admin/keys/{key.GetProperty("id").GetString()}");

        await Eventually.GetAsync(
            () =>
            {
                _gateway.Clock.Skip(TimeSpan.FromSeconds(1));
                return Task.FromResult(answered.IsCompleted);
            },
            done => done);
        Assert.Equal("HTTP/1.1 401 Unauthorized", await answered);
        Assert.Equal("cancelled", await end.Task.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task What_the_service_finds_wrong_is_told_while_the_file_is_still_arriving()
    {
        _gateway.Services.Campaigns.UploadSource = async (parts, _) =>
        {
            await parts.MoveNext();
            await parts.MoveNext();
            throw Failure.InvalidField("file", "Line 7 has 3 cells; the header line has 4.").ToRpcException();
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var content = new GeneratedContent(30 * Mebibyte, saysLength: false);

        var answer = await client.SendAsync(HttpMethod.Post, Sources, content);

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "file");
        Assert.Equal("Line 7 has 3 cells; the header line has 4.", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_service_that_is_away_is_503()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var client = await gateway.CreateClientOfNewTenantAsync("operator");
        await gateway.Services.DisposeAsync();
        using var content = Content("mail\nada@example.com\n"u8.ToArray(), "text/csv");

        (await client.SendAsync(HttpMethod.Post, Sources, content)).AssertProblem(HttpStatusCode.ServiceUnavailable, "service_unavailable");
    }

    private static ByteArrayContent Content(byte[] file, string? type)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>So many bytes of CSV that are nowhere in memory at once.</summary>
    private sealed class GeneratedContent : HttpContent
    {
        private readonly long _length;
        private readonly bool _saysLength;
        private readonly TaskCompletionSource _finished = new();
        private long _sent;

        public GeneratedContent(long length, bool saysLength)
        {
            (_length, _saysLength) = (length, saysLength);
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        public long Sent => Interlocked.Read(ref _sent);

        public Task Finished => _finished.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var lines = new byte[256 * 1024];
            Array.Fill(lines, (byte)'a');
            while (Sent < _length)
            {
                var size = (int)Math.Min(lines.Length, _length - Sent);
                await stream.WriteAsync(lines.AsMemory(0, size));
                Interlocked.Add(ref _sent, size);
            }

            _finished.SetResult();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return _saysLength;
        }
    }
}
