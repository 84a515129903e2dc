using System.Diagnostics;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Telemetry;
using ZohoPlatform.Testing;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class TelemetryTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly RecordedLog _log = new();
    private readonly Dependency _dependency = new();
    private readonly TaskCompletionSource _reached = new();
    private ExportedSpans _spans = null!;
    private WebApplication? _app;

    [Fact]
    public async Task A_request_is_one_trace_through_all_processes_and_a_probe_is_none()
    {
        using var http = await StartAsync(HttpProtocols.Http1);
        using var test = ExportedSpans.StartTrace();

        await http.GetAsync("/health");
        await http.GetAsync("/alive");
        await http.GetAsync("/relay?code=fake-secret");

        var spans = await Eventually.GetAsync(
            () => Task.FromResult(_spans.Of(test.TraceId)), spans => spans.Any(span => span.GetTagItem("url.path") is "/relay"));
        var server = spans.Where(span => span.Kind is ActivityKind.Server).ToDictionary(span => span.GetTagItem("url.path")!.ToString()!);
        Assert.Equal(["/echo", "/relay"], server.Keys.Order(StringComparer.Ordinal));
        // the call between the two
        Assert.Equal(server["/relay"].SpanId, spans.Single(span => span.SpanId == server["/echo"].ParentSpanId).ParentSpanId);
        Assert.DoesNotContain(
            spans.SelectMany(span => span.TagObjects),
            tag => tag.Value?.ToString()?.Contains("fake-secret", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task A_grpc_call_has_its_methods_name_and_its_outcome_and_a_probe_by_grpc_is_no_servers_span()
    {
        using var http = await StartAsync(HttpProtocols.Http2);
        using var channel = GrpcChannel.ForAddress(http.BaseAddress!);
        using var test = ExportedSpans.StartTrace();

        await Assert.ThrowsAsync<RpcException>(async () => await new Health.HealthClient(channel).CheckAsync(new() { Service = "absent" }));
        await new Health.HealthClient(channel).CheckAsync(new());

        var calls = _spans.Of(test.TraceId).Where(span => span.Source.Name == "Grpc.Net.Client").ToList();
        Assert.Equal(["grpc.health.v1.Health/Check", "grpc.health.v1.Health/Check"], calls.Select(call => call.DisplayName));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], calls.Select(call => call.Status));
        Assert.DoesNotContain(_spans.Of(test.TraceId), span => span.Kind is ActivityKind.Server);
    }

    [Fact]
    public async Task Health_is_told_of_when_it_changes_and_in_one_line()
    {
        _dependency.Result = HealthCheckResult.Unhealthy("PostgreSQL does not answer.", new InvalidOperationException("refused"));
        using var http = await StartAsync(HttpProtocols.Http1);

        for (var probe = 0; probe < 5; probe++)
        {
            Assert.Equal(StatusCodes.Status503ServiceUnavailable, (int)(await http.GetAsync("/health")).StatusCode);
        }

        await LinesAsync(1);
        // two rounds more say nothing new
        var asked = _dependency.Asked;
        await Eventually.GetAsync(() => Task.FromResult(_dependency.Asked), now => now >= asked + 4);
        var told = Assert.Single(await LinesAsync(1));
        Assert.StartsWith("Warning", told, StringComparison.Ordinal);
        Assert.EndsWith(": Health of database: Unhealthy. PostgreSQL does not answer. ", told, StringComparison.Ordinal);

        _dependency.Result = HealthCheckResult.Healthy();
        Assert.Contains("Health of database: Healthy again.", (await LinesAsync(2))[1], StringComparison.Ordinal);
        Assert.DoesNotContain(
            _log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.Contains("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_probe_finds_is_told_without_a_second_look_and_to_all_who_ask_within_a_second()
    {
        var clock = StandingClock.Create();
        using var http = await StartAsync(HttpProtocols.Http1, looksByItself: false, clock: clock);
        _dependency.Result = HealthCheckResult.Degraded("slow");

        var probes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.GetStringAsync("/health")));

        Assert.All(probes, probe => Assert.Equal("Degraded", probe));
        Assert.Contains("Health of database: Degraded. slow", Assert.Single(await LinesAsync(1)), StringComparison.Ordinal);
        Assert.Equal(1, _dependency.Asked);

        clock.Advance(TimeSpan.FromSeconds(1));
        _dependency.Result = HealthCheckResult.Healthy();
        Assert.Equal("Healthy", await http.GetStringAsync("/health"));
    }

    [Fact]
    public async Task What_is_done_by_the_clock_is_no_trace_here_nor_where_it_calls()
    {
        using var http = await StartAsync(HttpProtocols.Http1);
        using var none = Untraced.Begin();

        await http.GetAsync("/relay");

        Assert.Equal(none, Activity.Current);
        Assert.NotEqual(default, none.TraceId);
        Assert.Empty(_spans.Of(none.TraceId));
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_no_error()
    {
        using var http = await StartAsync(HttpProtocols.Http2, slow: true);
        using var channel = GrpcChannel.ForAddress(http.BaseAddress!);
        using var patience = new CancellationTokenSource();
        using var call = new Syncs.SyncsClient(channel).GetSyncAsync(new(), cancellationToken: patience.Token);
        await _reached.Task.WaitAsync(Limit);

        await patience.CancelAsync();

        await Eventually.GetAsync(
            () => Task.FromResult(_log.Lines), lines => lines.Any(line => line.Contains("cancel", StringComparison.Ordinal)));
        Assert.DoesNotContain(
            _log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_is_not_up_yet_is_no_error_of_its_callers()
    {
        using var http = await StartAsync(HttpProtocols.Http1);

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _app!.Services.GetRequiredService<Health.HealthClient>().CheckAsync(new()));

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting", null, LogLevel.Warning)]
    [InlineData("Microsoft.AspNetCore.Hosting", "Information", LogLevel.Information)]
    [InlineData("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", null, LogLevel.None)]
    [InlineData("Grpc.AspNetCore.Server.ServerCallHandler", null, LogLevel.Warning)]
    [InlineData("ZohoPlatform.Anything", null, LogLevel.Information)]
    public async Task Libraries_log_little_unless_the_configuration_says_otherwise(string category, string? setting, LogLevel least)
    {
        using var http = await StartAsync(HttpProtocols.Http1, setting: setting);
        var logger = _app!.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        Assert.Equal(least, Enum.GetValues<LogLevel>().First(level => level is LogLevel.None || logger.IsEnabled(level)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private async Task<HttpClient> StartAsync(
        HttpProtocols protocols, bool slow = false, string? setting = null, bool looksByItself = true, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols));
        builder.Configuration.AddInMemoryCollection(TestTickets.SettingsOf("campaigns"));
        builder.Configuration["Logging:LogLevel:Microsoft.AspNetCore"] = setting;
        // how a call ended, where a test looks at that
        builder.Configuration["Logging:LogLevel:Grpc"] = slow ? "Information" : null;
        _spans = ExportedSpans.Of(builder);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.AddServiceDefaults();
        builder.AddGrpcServer("campaigns");
        builder.AddTickets("campaigns");
        builder.Configuration["services:absent:grpc:0"] = "http://127.0.0.1:1";
        builder.AddServiceClient<Health.HealthClient>("absent");
        builder.Services.AddHealthChecks().AddCheck("database", _dependency);
        builder.Services.AddHttpClient();
        builder.Services.AddSingleton(_reached);
        builder.Services.Configure<HealthCheckPublisherOptions>(publisher => (publisher.Delay, publisher.Period) = looksByItself
            ? (TimeSpan.Zero, TimeSpan.FromSeconds(1))
            : (TimeSpan.FromHours(1), TimeSpan.FromHours(1)));

        _app = builder.Build();
        _app.MapDefaultEndpoints();
        if (slow)
        {
            _app.MapGrpcService<Endless>().AllowAnonymous();
        }

        _app.MapGet("/echo", () => "echo").AllowAnonymous();
        _app.MapGet("/relay", (IHttpClientFactory clients, HttpRequest request) => clients.CreateClient()
            .GetStringAsync(new Uri($"http://{request.Host}/echo{request.QueryString}"))).AllowAnonymous();
        await _app.StartAsync();
        return new HttpClient { BaseAddress = new Uri(_app.Urls.Single()), Timeout = Limit };
    }

    private async Task<string[]> LinesAsync(int count) => await Eventually.GetAsync(
        () => Task.FromResult(_log.Lines.Where(line => line.Contains("Health of", StringComparison.Ordinal)).ToArray()),
        lines => lines.Length >= count);

    /// <summary>A dependency whose health a test decides.</summary>
    private sealed class Dependency : IHealthCheck
    {
        private int _asked;

        public HealthCheckResult Result { get; set; } = HealthCheckResult.Healthy();

        public int Asked => _asked;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult(Result);
        }
    }

    private sealed class Endless(TaskCompletionSource reached) : Syncs.SyncsBase
    {
        public override async Task<Sync> GetSync(GetSyncRequest request, ServerCallContext context)
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new Sync();
        }
    }
}
