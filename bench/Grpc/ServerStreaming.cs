using System.Diagnostics;
using System.Net;
using Grpc.Net.Client;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>How fast messages come on one server stream, each flushed by the server as it is written.</summary>
internal static class ServerStreaming
{
    private const int Messages = 800_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var grpc = await ServerProcess.StartAsync(GrpcServer.Name);
        await using var bare = await ServerProcess.StartAsync(BareServer.Name);
        using var channel = GrpcChannel.ForAddress(grpc.Address);
        using var http = new HttpClient { BaseAddress = bare.Address };
        var echo = new Echo.EchoClient(channel);

        var contest = await Contest.RunAsync(
            rounds,
            new Contender("gRPC", grpc.ReadUsageAsync, ct => RunAsync(() => ReadMessagesAsync(echo, ct))),
            new Contender("bare", bare.ReadUsageAsync, ct => RunAsync(() => ReadBytesAsync(http, ct))));

        return
        [
            .. contest.Compare("messages", "1/s", m => m.PerSecond),
            .. contest.Compare("server CPU per message", "us", m => m.ServerCpu),
            .. contest.Compare("client CPU per message", "us", m => m.ClientCpu),
            .. contest.Show("server allocated per message", "bytes", m => m.ServerAllocated),
            .. contest.Show("client allocated per message", "bytes", m => m.ClientAllocated),
        ];
    }

    private static async Task<Lap> RunAsync(Func<Task<long>> read)
    {
        var start = Stopwatch.GetTimestamp();
        var messages = await read();
        var elapsed = Stopwatch.GetElapsedTime(start);

        return messages == Messages
            ? new Lap(Messages, elapsed)
            : throw new InvalidOperationException($"{messages} messages came, not {Messages}.");
    }

    private static async Task<long> ReadMessagesAsync(Echo.EchoClient echo, CancellationToken cancellationToken)
    {
        var request = new RepeatRequest { Message = Payload.Message, Times = Messages };
        using var call = echo.Repeat(request, cancellationToken: cancellationToken);
        var bytes = 0L;

        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            bytes += call.ResponseStream.Current.Body.Length;
        }

        return bytes / Payload.Message.Body.Length;
    }

    private static async Task<long> ReadBytesAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/?times={Messages}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Payload.Frame),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        var bytes = 0L;

        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            bytes += read;
        }

        return bytes / Payload.Frame.Length;
    }
}
