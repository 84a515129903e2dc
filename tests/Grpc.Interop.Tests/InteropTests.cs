using System.Runtime.CompilerServices;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>
/// The standard cases (gRPC, Interoperability Test Case Descriptions), each between our client and our server and between one of ours and
/// somebody else's. The first step of the two client_compressed cases, a server that notices what is not compressed, is a case of its own,
/// because other servers cannot see it.
/// </summary>
public sealed class InteropTests(Peers peers) : IClassFixture<Peers>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static TheoryData<string, string> Pairs => new()
    {
        { Peers.Ours, Peers.Ours },
        { Peers.JavaScript, Peers.Ours },
        { Peers.Ours, Peers.JavaScript },
        { Peers.Python, Peers.Ours },
        { Peers.Ours, Peers.Python },
    };

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Empty_unary(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Large_unary(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Client_streaming(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Server_streaming(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Ping_pong(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Empty_stream(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Client_compressed_unary_probe(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Client_compressed_unary(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Server_compressed_unary(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Client_compressed_streaming_probe(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Client_compressed_streaming(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Server_compressed_streaming(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Cancel_after_begin(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Cancel_after_first_response(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Timeout_on_sleeping_server(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Custom_metadata(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Status_code_and_message(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Special_status_message(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Unimplemented_method(string client, string server) => RunAsync(client, server);

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Unimplemented_service(string client, string server) => RunAsync(client, server);

    /// <summary>Not one of the standard cases: a message without bytes, sent where messages are packed.</summary>
    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public Task Empty_compressed_unary(string client, string server) => RunAsync(client, server);

    private static string? Impossible(string name, string server) => (name, server) switch
    {
        ("client_compressed_unary_probe" or "client_compressed_streaming_probe", Peers.JavaScript or Peers.Python) =>
            $"{server} does not tell a service whether a request was compressed",
        ("server_compressed_unary" or "server_compressed_streaming", Peers.JavaScript) => $"{server}'s server does not compress responses",
        _ => null,
    };

    private async Task RunAsync(string client, string server, [CallerMemberName] string test = "")
    {
        var name = test.ToLowerInvariant();
        var missing = peers.Missing(client) ?? peers.Missing(server) ?? Impossible(name, server);
        Skip.If(missing is not null, $"{name} from {client} to {server}: {missing}");

        await RunAsync(name, await peers.GetAsync(client), await peers.GetAsync(server)).WaitAsync(Limit);
    }

    private static async Task RunAsync(string name, Peer? client, Peer? server)
    {
        var watchFrames = name.Contains("compressed", StringComparison.Ordinal);
        await using var ours = server is null ? await InteropServer.StartAsync(watchFrames) : null;
        var address = server?.Address ?? ours!.Address;

        if (client is null)
        {
            using var own = new InteropClient(address, watchFrames);
            await own.RunAsync(name);
        }
        else
        {
            await client.RunAsync(name, address);
        }

        if (ours is not null && name.StartsWith("server_compressed", StringComparison.Ordinal))
        {
            Assert.Equal([true, false], ours.Calls.SelectMany(call => call.Responses.Compressed));
        }
    }
}
