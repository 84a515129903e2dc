using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Testing;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class GrpcServerTests : IAsyncLifetime
{
    private readonly List<IDisposable> _channels = [];
    private GrpcReplica _server = null!;

    [Fact]
    public async Task Health_is_told_to_everybody_and_a_watch_is_told_that_the_host_stops()
    {
        var health = new Health.HealthClient(Channel(_server));

        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new()).ResponseAsync.WaitAsync(GrpcReplica.Limit)).Status);
        using var watch = health.Watch(new());
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch.ResponseStream));
        var stopped = _server.StopAsync();

        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch.ResponseStream));
        Assert.Null(await NextAsync(watch.ResponseStream));
        await stopped.WaitAsync(GrpcReplica.Limit);
    }

    [Fact]
    public async Task Reflection_is_closed_unless_it_is_asked_for_and_then_wants_a_ticket()
    {
        await using var open = await GrpcReplica.StartAsync(("Grpc:Reflection", "true"));

        Assert.Equal(StatusCode.Unimplemented, await ReflectAsync(_server, _server.Ticket));
        Assert.Equal(StatusCode.Unauthenticated, await ReflectAsync(open, []));
        Assert.Equal(StatusCode.OK, await ReflectAsync(open, open.Ticket));
    }

    [Fact]
    public async Task A_call_without_a_ticket_does_not_run()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => Client().GetSyncAsync(new()).ResponseAsync);

        Assert.Equal("ticket_missing", failure.ToFailure()?.Code);
        Assert.Equal(0, _server.Calls);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Basic c2VjcmV0")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.")]
    public async Task A_call_with_something_else_than_a_ticket_does_not_run(string authorization)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(
            () => Client().GetSyncAsync(new(), new Metadata { { "authorization", authorization } }).ResponseAsync);

        Assert.Equal(StatusCode.Unauthenticated, failure.StatusCode);
        Assert.Equal(0, _server.Calls);
    }

    [Fact]
    public async Task What_is_no_grpc_is_refused_in_http()
    {
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await http.GetAsync(new Uri(_server.Address, "/whatever"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_server_that_would_ask_nobody_for_a_ticket_does_not_start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("campaigns"));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddGrpcServer("campaigns");
        await using var app = builder.Build();
        app.MapGrpcHealthChecksService();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Contains("MapDefaultEndpoints", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_handler_throws_is_in_the_log_and_not_in_the_answer()
    {
        _server.Work = (_, _) => throw new InvalidOperationException("the connection string is secret");

        var failure = await Assert.ThrowsAsync<RpcException>(() => Client().GetSyncAsync(new(), _server.Ticket).ResponseAsync);

        Assert.Equal(StatusCode.Unknown, failure.StatusCode);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains(_server.Log.Lines, line => line.Contains("the connection string is secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Z", 100_000)]
    [InlineData("漢", 9_000)]
    public async Task A_failure_that_quotes_endless_input_ends_its_own_call_only(string character, int count)
    {
        var (held, release) = (NewSignal(), NewSignal());
        var input = string.Concat(Enumerable.Repeat(character, count));
        _server.Work = async (method, _) =>
        {
            if (method is "GetSync")
            {
                held.SetResult();
                await release.Task;
                return;
            }

            throw Failure.InvalidField("mapping", $"The source has no column {input}.").ToRpcException();
        };
        var client = Client();
        var other = client.GetSyncAsync(new(), _server.Ticket).ResponseAsync;
        await held.Task.WaitAsync(GrpcReplica.Limit);

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => client.CreateSyncAsync(new(), _server.Ticket).ResponseAsync.WaitAsync(GrpcReplica.Limit));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.StartsWith($"The source has no column {character}", failure.Status.Detail, StringComparison.Ordinal);
        release.SetResult();
        await other.WaitAsync(GrpcReplica.Limit);
        Assert.All(_server.Log.Lines, line => Assert.InRange(line.Length, 0, 10_000));
    }

    [Fact]
    public async Task Storage_that_is_away_makes_every_kind_of_call_unavailable()
    {
        _server.Work = (_, _) => throw new RedisUnavailableException(new TimeoutException("Not in time."));
        using var upload = Client().UploadSource(_server.Ticket);
        using var watch = Client().WatchSync(new(), _server.Ticket);
        Func<Task>[] calls =
        [
            () => Client().GetSyncAsync(new(), _server.Ticket).ResponseAsync,
            () => upload.ResponseAsync,
            () => watch.ResponseStream.MoveNext(),
        ];

        foreach (var call in calls)
        {
            var failure = await Assert.ThrowsAsync<RpcException>(() => call().WaitAsync(GrpcReplica.Limit));
            Assert.Equal(StorageOutage.Failure, failure.ToFailure());
        }

        var told = _server.Log.Lines.Where(line => line.Contains("storage is unavailable", StringComparison.Ordinal)).ToList();
        Assert.Equal(calls.Length, told.Count);
        Assert.All(told, line => Assert.EndsWith(": Redis does not answer. Not in time.", line.TrimEnd(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_is_told_that_its_callers_deadline_has_passed()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Work = async (_, call) =>
        {
            using var registration = call.CancellationToken.Register(told.SetResult);
            await told.Task;
        };

        var failure = await Assert.ThrowsAsync<RpcException>(() => Client().GetSyncAsync(
            new(), _server.Ticket, CallDeadline.In(TimeSpan.FromMilliseconds(500))).ResponseAsync.WaitAsync(GrpcReplica.Limit));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        await told.Task.WaitAsync(GrpcReplica.Limit);
    }

    [Fact]
    public async Task A_message_larger_than_four_mebibytes_does_not_reach_a_handler()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(
            () => Client().GetSyncAsync(new() { Id = new string('a', 5 << 20) }, _server.Ticket).ResponseAsync.WaitAsync(GrpcReplica.Limit));

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Equal(0, _server.Calls);
    }

    [Theory]
    [InlineData("GetSync", "garbage", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("UploadSource", "garbage", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("GetSync", "cut", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("UploadSource", "cut", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("WatchSync", "two", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("WatchSync", "broken gzip", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("UploadSource", "broken gzip", StatusCode.InvalidArgument, "MESSAGE_UNREADABLE")]
    [InlineData("GetSync", "large", StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE")]
    [InlineData("UploadSource", "large", StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE")]
    [InlineData("GetSync", "a length that no int holds", StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE")]
    [InlineData("UploadSource", "a length that no int holds", StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE")]
    [InlineData("GetSync", "unknown encoding", StatusCode.Unimplemented, "ENCODING_UNKNOWN")]
    [InlineData("UploadSource", "unknown encoding", StatusCode.Unimplemented, "ENCODING_UNKNOWN")]
    public async Task A_message_that_cannot_be_read_is_refused_with_details(string method, string what, StatusCode code, string reason)
    {
        var (encoding, message) = what switch
        {
            "garbage" => ("identity", Frame(compressed: false, [0xff, 0xff, 0xff])),
            "cut" => ("identity", Frame(compressed: false, new byte[10])[..^3]),
            "two" => ("identity", [.. Frame(compressed: false, []), .. Frame(compressed: false, [])]),
            "broken gzip" => ("gzip", Frame(compressed: true, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
            "large" => ("identity", Frame(compressed: false, new byte[5 << 20])),
            "a length that no int holds" => ("identity", [0, 0xff, 0xff, 0xff, 0xff, 1]),
            _ => ("lzip", Frame(compressed: true, [1])),
        };
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server.Address, $"/zohoplatform.campaigns.v1.Syncs/{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(message) { Headers = { { "content-type", "application/grpc" } } },
        };
        request.Headers.Add("authorization", _server.Ticket.GetValue("authorization"));
        request.Headers.Add("grpc-encoding", encoding);

        using var answer = await http.SendAsync(request).WaitAsync(GrpcReplica.Limit);
        await answer.Content.ReadAsByteArrayAsync().WaitAsync(GrpcReplica.Limit);

        var fields = answer.Headers.Contains("grpc-status") ? (HttpHeaders)answer.Headers : answer.TrailingHeaders;
        Assert.Equal(((int)code).ToString(CultureInfo.InvariantCulture), Assert.Single(fields.GetValues("grpc-status")));
        var told = Convert.FromBase64String(Assert.Single(fields.GetValues("grpc-status-details-bin")));
        var details = Google.Rpc.Status.Parser.ParseFrom(told);
        Assert.Equal(((int)code, reason), (details.Code, details.GetDetail<ErrorInfo>().Reason));
        if (code is StatusCode.Unimplemented)
        {
            Assert.Contains("gzip", Assert.Single(answer.Headers.GetValues("grpc-accept-encoding")), StringComparison.Ordinal);
        }
    }

    public async Task InitializeAsync() => _server = await GrpcReplica.StartAsync();

    public async Task DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        await _server.DisposeAsync();
    }

    private static async Task<ServingStatus?> NextAsync(IAsyncStreamReader<HealthCheckResponse> stream) =>
        await stream.MoveNext().WaitAsync(GrpcReplica.Limit) ? stream.Current.Status : null;

    private async Task<StatusCode> ReflectAsync(GrpcReplica server, Metadata headers)
    {
        using var call = new ServerReflection.ServerReflectionClient(Channel(server)).ServerReflectionInfo(headers);
        await call.RequestStream.CompleteAsync();

        try
        {
            await call.ResponseStream.MoveNext().WaitAsync(GrpcReplica.Limit);
            return call.GetStatus().StatusCode;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static byte[] Frame(bool compressed, byte[] message)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Syncs.SyncsClient Client() => new(Channel(_server));

    private GrpcChannel Channel(GrpcReplica server)
    {
        var channel = GrpcChannel.ForAddress(server.Address);
        _channels.Add(channel);
        return channel;
    }
}
