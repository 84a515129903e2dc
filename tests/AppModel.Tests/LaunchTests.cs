using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Runtime;
using ZohoPlatform.Testing;

namespace ZohoPlatform.AppModel.Tests;

public sealed class LaunchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string State => Path.Combine(_folder.Path, "state");

    private string[] WithServers => ["AppHost:Dashboard:Port=0", "Demo:Servers=true", $"Demo:Data={Path.Combine(_folder.Path, "data")}"];

    [Fact]
    public async Task A_launch_ends_with_a_table_and_where_to_go()
    {
        await using var host = new LaunchedHost(State, null, "AppHost:Dashboard:Port=0");

        var ready = await host.ReadyAsync();

        Assert.Matches("^Ready in [0-9.]+ s. echo http://127.0.0.1:[0-9]+, ", ready);
        Assert.Matches("(?m)^resource +state +address$", host.Output);
        Assert.Matches("(?m)^echo +Running +http://127.0.0.1:[0-9]+, http", host.Output);
        Assert.Contains("[echo] info: Microsoft.Hosting.Lifetime", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', host.Output);
    }

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    public async Task A_signal_stops_every_process_in_the_opposite_order_and_the_next_launch_works(int signal)
    {
        await using (var host = new LaunchedHost(State, null, WithServers))
        {
            await host.ReadyAsync();
            var children = LaunchedHost.ChildrenOf(State);
            Assert.Equal(3, children.Count);

            host.Send(signal);

            Assert.Equal(0, await host.ExitAsync());
            Assert.DoesNotContain(children, LaunchedHost.IsAlive);
            var lines = host.Output;
            var echo = lines.IndexOf("[echo]       Application is shutting down...", StringComparison.Ordinal);
            var postgres = lines.IndexOf("received fast shutdown request", StringComparison.Ordinal);
            Assert.True(echo > 0 && postgres > echo, lines);
        }

        await using var next = new LaunchedHost(State, null, WithServers);
        await next.ReadyAsync();
    }

    [Fact]
    public async Task Every_process_leaves_when_the_app_host_is_killed_and_the_next_launch_works_at_once()
    {
        await using var host = new LaunchedHost(State, null, WithServers);
        await host.ReadyAsync();
        var children = LaunchedHost.ChildrenOf(State);
        Assert.Equal(3, children.Count);

        host.Send(Signals.Kill);
        await host.ExitAsync();

        await using var next = new LaunchedHost(State, null, WithServers);
        await next.ReadyAsync();
        await Eventually.GetAsync(() => Task.FromResult(children.Any(LaunchedHost.IsAlive)), alive => !alive);
    }

    [Fact]
    public async Task A_process_that_ignores_the_end_of_a_killed_app_host_is_killed_too()
    {
        await using var host = new LaunchedHost(State, null, "AppHost:Dashboard:Port=0", "Demo:Stubborn=true");
        await host.ReadyAsync();
        var child = LaunchedHost.ChildrenOf(State).Single();

        host.Send(Signals.Kill);

        await Eventually.GetAsync(() => Task.FromResult(LaunchedHost.IsAlive(child)), alive => !alive);
    }

    [Fact]
    public async Task A_second_launch_on_the_same_state_is_refused()
    {
        await using var host = new LaunchedHost(State, null, "AppHost:Dashboard:Port=0");
        await host.ReadyAsync();

        await using var second = new LaunchedHost(State, null, "AppHost:Dashboard:Port=0");

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains($"Another launch uses '{State}'", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_ends_the_launch_with_a_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var host = new LaunchedHost(State, null, "AppHost:Dashboard:Port=0", $"Demo:Port={port}");

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains($"Port {port}, which 'echo' needs for 'front', is taken by", host.Output, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_that_dies_at_the_start_ends_the_launch_and_everything_it_started()
    {
        await using var host = new LaunchedHost(State, null, [.. WithServers, "Demo:DieAtStart=no such setting: Fake"]);

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("'echo' failed to start. 'echo' ended with code 7 before it was healthy, 3 times in a row.", host.Output,
            StringComparison.Ordinal);
        Assert.Contains("    no such setting: Fake", host.Output, StringComparison.Ordinal);
        Assert.Empty(LaunchedHost.ChildrenOf(State));
    }

    [Fact]
    public async Task A_server_that_is_not_installed_is_named_with_the_command_that_installs_it()
    {
        var binaries = Directory.CreateDirectory(Path.Combine(_folder.Path, "bin")).FullName;
        foreach (var name in new[] { "setsid", "sh", "sleep", "setpriv", "install", "test", "mktemp", "cat", "rm", "dotnet" })
        {
            File.CreateSymbolicLink(Path.Combine(binaries, name), Executables.InPath(name).First());
        }
        await using var host = new LaunchedHost(
            State, new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = binaries }, WithServers);

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("Redis is not installed (no redis-server in PATH). Run: sudo apt-get install redis-server", host.Output,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
