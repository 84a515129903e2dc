using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ZohoPlatform.AppModel.Tests;

public sealed class StatusPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port;

    public StatusPageTests()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        _port = ((IPEndPoint)free.LocalEndpoint).Port;
    }

    [Fact]
    public async Task The_page_opens_with_the_printed_token_only()
    {
        await using var host = Launch();
        var address = await PageAsync(host);
        using var stranger = Client();

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/resources")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/?token=0123456789abcdef0123456789abcdef")).StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await stranger.SendAsync(rebound)).StatusCode);

        Assert.Contains("<title>Platform status</title>", await stranger.GetStringAsync(address), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task It_shows_the_resources_and_their_lines_and_no_environment()
    {
        await using var host = Launch();
        using var client = Client();
        await client.GetAsync(await PageAsync(host));

        var report = await FirstLineAsync(client, "/resources", "data: ");
        var echo = JsonDocument.Parse(report).RootElement.EnumerateArray().Single();
        var said = await FirstLineAsync(client, "/logs/echo", "data: ", "Now listening on");

        Assert.Equal(("echo", "Running", "Healthy"),
            (echo.GetProperty("name").GetString(), echo.GetProperty("state").GetString(), echo.GetProperty("health").GetString()));
        Assert.Equal(3, echo.GetProperty("endpoints").GetArrayLength());
        Assert.Equal(0, echo.GetProperty("restarts").GetInt32());
        Assert.Contains("http://127.0.0.1:", said, StringComparison.Ordinal);
        Assert.DoesNotContain("fake-generated-value", report, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/logs/nobody")).StatusCode);
    }

    [Fact]
    public async Task A_taken_port_ends_the_launch_and_names_the_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, _port);
        other.Start();
        await using var host = Launch();

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains($"Port {_port}, which the status page needs, is taken by ", host.Output, StringComparison.Ordinal);
        Assert.Contains("Set AppHost:Dashboard:Port to another one", host.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> FirstLineAsync(HttpClient client, string path, string prefix, string containing = "")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal) && line.Contains(containing, StringComparison.Ordinal))
            {
                return line[prefix.Length..];
            }
        }
        throw new InvalidOperationException($"{path} ended without a line that contains '{containing}'.");
    }

    private static async Task<Uri> PageAsync(LaunchedHost host) => new((await host.ReadyAsync()).Split("status page ")[1]);

    private LaunchedHost Launch() =>
        new(Path.Combine(_folder.Path, "state"), null, $"AppHost:Dashboard:Port={_port}", "Parameters:generated=fake-generated-value");

    /// <summary>Keeps cookies as a browser does.</summary>
    private HttpClient Client() => new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
}
