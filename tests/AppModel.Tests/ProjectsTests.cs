using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Aspire.Hosting.Runtime;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Testing;

namespace ZohoPlatform.AppModel.Tests;

public sealed class ProjectsTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly TemporaryFolder _folder = new();
    private readonly List<DistributedApplication> _apps = [];
    private IDistributedApplicationTestingBuilder _builder = null!;

    [Fact]
    public async Task A_project_gets_its_environment_and_arguments_and_nothing_to_read()
    {
        var secret = _builder.AddParameter("secret", "fake-secret", secret: true);
        var other = AddEcho("other");
        AddEcho("echo")
            .WithEnvironment("TEXT", "text")
            .WithEnvironment("PARAMETER", secret)
            .WithEnvironment("EXPRESSION", $"<{secret}> {{}} {other.GetEndpoint("http").Property(EndpointProperty.HostAndPort)}")
            .WithEnvironment("ENDPOINT", other.GetEndpoint("http"))
            .WithEnvironment(async context =>
                context.EnvironmentVariables["CALLBACK"] = await secret.Resource.GetValueAsync(context.CancellationToken) + "!")
            .WithArgs("--one", "two words");
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo");
        var address = app.GetEndpoint("other");

        Assert.Equal("text", await http.GetStringAsync("/environment/TEXT"));
        Assert.Equal("fake-secret", await http.GetStringAsync("/environment/PARAMETER"));
        Assert.Equal($"<fake-secret> {{}} {address.Authority}", await http.GetStringAsync("/environment/EXPRESSION"));
        Assert.Equal(address, new Uri(await http.GetStringAsync("/environment/ENDPOINT")));
        Assert.Equal("fake-secret!", await http.GetStringAsync("/environment/CALLBACK"));
        Assert.Equal("--one two words", await http.GetStringAsync("/arguments"));
        Assert.Equal("closed", await http.GetStringAsync("/input"));
        Assert.Equal(Path.GetDirectoryName(Path.GetFullPath(TestApps.EchoService)), await http.GetStringAsync("/folder"));
    }

    [Fact]
    public async Task Endpoints_of_the_projects_own_settings_and_of_the_app_host_all_listen()
    {
        AddEcho("echo").WithHttpEndpoint(name: "front", env: "FRONT_PORT");
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo", "http");
        using var front = app.CreateHttpClient("echo", "front");
        using var grpc = app.CreateHttpClient("echo", "grpc");
        grpc.DefaultRequestVersion = HttpVersion.Version20;
        grpc.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        Assert.Equal(HttpVersion.Version11, (await http.GetAsync("/pid")).Version);
        Assert.Equal(HttpVersion.Version20, (await grpc.GetAsync("/pid")).Version);
        Assert.Equal(app.GetEndpoint("echo", "front").Port.ToString(null, null), await front.GetStringAsync("/environment/FRONT_PORT"));
    }

    [Fact]
    public async Task Every_replica_has_its_own_ports_and_a_reference_names_all_of_them()
    {
        var echo = AddEcho("echo").WithReplicas(3);
        AddEcho("client").WithReference(echo).WaitFor(echo);
        var app = await StartAsync("client");
        using var client = app.CreateHttpClient("client");

        var processes = new HashSet<int>();
        for (var n = 0; n < 3; n++)
        {
            var address = await client.GetStringAsync($"/environment/services__echo__http__{n}");
            using var replica = new HttpClient { BaseAddress = new Uri(address) };
            processes.Add(await replica.GetFromJsonAsync<int>("/pid"));
            Assert.StartsWith("http://127.0.0.1:", await client.GetStringAsync($"/environment/services__echo__grpc__{n}"),
                StringComparison.Ordinal);
        }
        Assert.Equal(3, processes.Count);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/environment/services__echo__http__3")).StatusCode);
    }

    [Fact]
    public async Task Replicas_of_a_fixed_port_are_refused()
    {
        AddEcho("echo").WithHttpEndpoint(port: 28_123, name: "front").WithReplicas(2);

        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartAsync("echo"));

        Assert.Contains("'echo' has 2 replicas and the fixed port 28123", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_resource_and_who_has_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        AddEcho("echo").WithHttpEndpoint(port: port, name: "front");

        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartAsync("echo"));

        Assert.Contains($"Port {port}, which 'echo' needs for 'front', is taken by ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_starts_when_what_it_waits_for_is_healthy()
    {
        var sign = Path.Combine(_folder.Path, "go");
        var first = AddEcho("first").WithEnvironment("Echo__WaitForFile", sign);
        AddEcho("second").WaitFor(first);
        var app = await BuildAsync();
        await app.StartAsync(_limit.Token);

        await app.ResourceNotifications.WaitForResourceAsync(
            "first", e => e.Snapshot.State?.Text == KnownResourceStates.Running, _limit.Token);
        await app.ResourceNotifications.WaitForResourceAsync(
            "second", e => e.Snapshot.State?.Text == KnownResourceStates.Waiting, _limit.Token);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "pids", "second")));

        File.WriteAllText(sign, "");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("second", _limit.Token);
    }

    [Fact]
    public async Task Subscribers_hear_of_a_healthy_resource_before_those_who_wait_for_it()
    {
        var heard = false;
        AddEcho("echo").OnResourceReady((resource, _, _) =>
        {
            heard = resource.Name == "echo";
            return Task.CompletedTask;
        });

        await StartAsync("echo");

        Assert.True(heard);
    }

    [Fact]
    public async Task A_project_that_dies_three_times_at_the_start_fails_with_its_last_words()
    {
        var echo = AddEcho("echo").WithEnvironment("Echo__DieAtStart", "no such setting: Fake");
        AddEcho("client").WaitFor(echo);

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartAsync("client"));

        Assert.Contains("'echo' ended with code 7 before it was healthy, 3 times in a row.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such setting: Fake", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_that_dies_later_is_started_again()
    {
        AddEcho("echo");
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo");
        var before = await http.GetFromJsonAsync<int>("/pid");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.PostAsync("/end", null));
        var ended = await app.ResourceNotifications.WaitForResourceAsync("echo", e => e.Snapshot.ExitCode is not null, _limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("echo", _limit.Token);

        Assert.Equal(3, ended.Snapshot.ExitCode);
        Assert.NotEqual(before, await http.GetFromJsonAsync<int>("/pid"));
        Assert.Equal(1, app.Services.GetRequiredService<Launch>().Instances.Single().Restarts);
    }

    [Fact]
    public async Task A_project_that_was_healthy_once_is_started_again_for_as_long_as_it_takes()
    {
        var obstacle = Path.Combine(_folder.Path, "obstacle");
        AddEcho("echo").WithEnvironment("Echo__DieWhileFile", obstacle);
        var app = await StartAsync("echo");
        var instance = app.Services.GetRequiredService<Launch>().Instances.Single();
        using var http = app.CreateHttpClient("echo");

        File.WriteAllText(obstacle, "");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.PostAsync("/end", null));
        await app.ResourceNotifications.WaitForResourceAsync("echo", e => e.Snapshot.ExitCode == 8 && instance.Restarts > 3, _limit.Token);
        File.Delete(obstacle);

        await app.ResourceNotifications.WaitForResourceHealthyAsync("echo", _limit.Token);
    }

    [Fact]
    public async Task A_project_that_is_unwell_is_shown_so_and_left_running()
    {
        AddEcho("echo");
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo");

        await http.PostAsync("/unwell", null);
        var unwell = await app.ResourceNotifications.WaitForResourceAsync(
            "echo", e => e.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy, _limit.Token);

        Assert.Equal(KnownResourceStates.Running, unwell.Snapshot.State?.Text);
        Assert.Contains("/health answered 503 instead of 200", unwell.Snapshot.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_healthy_in_time_is_named_with_the_reason()
    {
        _builder.Services.AddSingleton(new LaunchLimits { Ready = TimeSpan.FromSeconds(2) });
        var stuck = AddEcho("stuck").WithEnvironment("Echo__WaitForFile", Path.Combine(_folder.Path, "never"));
        AddEcho("client").WaitFor(stuck);

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartAsync("client"));

        Assert.Contains("Not healthy after 2 s: 'stuck' is Running, GET http://127.0.0.1:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_that_is_not_built_is_named_with_the_command_that_builds_it()
    {
        var project = Path.Combine(_folder.Path, "Absent.csproj");
        File.WriteAllText(project, "<Project />");
        _builder.AddProject("absent", project);

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartAsync("absent"));

        Assert.Matches($"Run: dotnet build -c (Debug|Release) '{project}'", failure.Message);
    }

    [Fact]
    public async Task Lines_of_every_replica_are_in_its_own_file()
    {
        AddEcho("echo").WithReplicas(2);
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo");

        await http.PostAsync("/say?text=hello", null);
        await Eventually.GetAsync(
            () => File.ReadAllTextAsync(Path.Combine(_folder.Path, "logs", "echo-0.log")), log => log.Contains("hello", StringComparison.Ordinal));

        Assert.DoesNotContain("hello", File.ReadAllText(Path.Combine(_folder.Path, "logs", "echo-1.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Telemetry_settings_are_handed_over_when_there_is_a_collector()
    {
        _builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4317";
        AddEcho("echo");
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo");

        Assert.Equal("http://127.0.0.1:4317", await http.GetStringAsync("/environment/OTEL_EXPORTER_OTLP_ENDPOINT"));
        Assert.Equal("echo", await http.GetStringAsync("/environment/OTEL_SERVICE_NAME"));
        Assert.StartsWith("service.instance.id=echo-", await http.GetStringAsync("/environment/OTEL_RESOURCE_ATTRIBUTES"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Telemetry_is_off_without_a_collector()
    {
        AddEcho("echo");
        var app = await StartAsync("echo");
        using var http = app.CreateHttpClient("echo");

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/environment/OTEL_SERVICE_NAME")).StatusCode);
    }

    [Fact]
    public async Task A_callback_that_throws_fails_the_resource_and_shows_the_bug()
    {
        AddEcho("echo").WithEnvironment(_ => throw new FormatException("a bug in the app host"));

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartAsync("echo"));

        Assert.Contains("System.FormatException: a bug in the app host", failure.Message, StringComparison.Ordinal);
    }

    public Task InitializeAsync()
    {
        _builder = DistributedApplicationTestingBuilder.Create($"AppHost:StateDirectory={_folder.Path}");
        _builder.Services.AddSingleton(
            new LaunchLimits { FirstBackoff = TimeSpan.FromMilliseconds(50), ProbeWhileHealthy = TimeSpan.FromMilliseconds(100) });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }
        await _builder.DisposeAsync();
        _limit.Dispose();
        _folder.Dispose();
    }

    private IResourceBuilder<ProjectResource> AddEcho(string name) =>
        _builder.AddProject(name, TestApps.EchoService).WithHttpHealthCheck("/health");

    private async Task<DistributedApplication> BuildAsync()
    {
        var app = await _builder.BuildAsync(_limit.Token);
        _apps.Add(app);
        return app;
    }

    private async Task<DistributedApplication> StartAsync(string waitFor)
    {
        var app = await BuildAsync();
        await app.StartAsync(_limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync(waitFor, _limit.Token);
        return app;
    }
}
