using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests.Door;

/// <summary>A client of another make, without generated code: examples/door.py with Debian's own Python and gRPC.</summary>
public sealed class PythonTests(DoorHost door) : IClassFixture<DoorHost>
{
    private const string Python = "/usr/bin/python3";

    [SkippableFact]
    public async Task The_example_calls_with_what_reflection_tells_it()
    {
        Skip.IfNot(await HasGrpcAsync(), "python3-grpcio is not installed: eng/setup.sh installs it with apt");
        door.Gateway.Services.GetConnection = (id, _) => new Connection { Id = id, Owner = "ada" };
        var (_, key) = await door.Gateway.CreateTenantAsync("viewer");

        var (code, output) = await RunAsync(
            key, Path.Combine(Checkout.Root, "examples", "door.py"), new Uri(door.Address).Authority, "zohoplatform.tokens.v1.Connections/GetConnection",
            """{"id": "7"}""");
        var (refused, why) = await RunAsync(
            "zp_0000000000000000_nosuchsecret", Path.Combine(Checkout.Root, "examples", "door.py"), new Uri(door.Address).Authority,
            "zohoplatform.tokens.v1.Connections/GetConnection", "{}");

        Assert.True(code == 0, output);
        Assert.Contains("\"owner\": \"ada\"", output, StringComparison.Ordinal);
        Assert.Equal(1, refused);
        Assert.Contains("UNAUTHENTICATED: The API key is unknown", why, StringComparison.Ordinal);
    }

    private static async Task<bool> HasGrpcAsync() => File.Exists(Python) && (await RunAsync("", "-c", "import grpc, google.protobuf")).Code == 0;

    private static async Task<(int Code, string Output)> RunAsync(string key, params string[] arguments)
    {
        var ended = await ServiceProcess.RunAsync(Python, arguments, [new("ZOHO_PLATFORM_API_KEY", key)]);
        return (ended.Exit, ended.Out + ended.Error);
    }
}
