using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace ZohoPlatform.Grpc.Tests;

public sealed class HealthTests
{
    private HealthStatus _database = HealthStatus.Healthy;

    [Theory]
    [InlineData(HealthStatus.Healthy, ServingStatus.Serving)]
    [InlineData(HealthStatus.Degraded, ServingStatus.Serving)]
    [InlineData(HealthStatus.Unhealthy, ServingStatus.NotServing)]
    public async Task A_check_tells_what_the_health_checks_say_now(HealthStatus database, ServingStatus expected)
    {
        await using var host = await StartAsync();
        var client = new global::Grpc.Health.V1.Health.HealthClient(host.Channel);
        _database = database;

        Assert.Equal(expected, (await client.CheckAsync(new()).ResponseAsync.Soon()).Status);
        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new() { Service = "without-database" }).ResponseAsync.Soon()).Status);
    }

    [Fact]
    public async Task A_name_that_nobody_mapped_is_not_found_when_checked_and_unknown_when_watched()
    {
        await using var host = await StartAsync();
        var client = new global::Grpc.Health.V1.Health.HealthClient(host.Channel);

        var error = await Assert.ThrowsAsync<RpcException>(() => client.CheckAsync(new() { Service = "other" }).ResponseAsync.Soon());
        using var watch = client.Watch(new() { Service = "other" });

        Assert.Equal(StatusCode.NotFound, error.StatusCode);
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
    }

    [Fact]
    public async Task A_watch_tells_changes_and_only_those_and_ends_with_the_host()
    {
        await using var host = await StartAsync();
        using var watch = new global::Grpc.Health.V1.Health.HealthClient(host.Channel).Watch(new());
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        await PublishAsync(host, HealthStatus.Degraded);
        await PublishAsync(host, HealthStatus.Unhealthy);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));

        await PublishAsync(host, HealthStatus.Unhealthy);
        await PublishAsync(host, HealthStatus.Healthy);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        var stopped = host.StopAsync(Waiting.Limit);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        Assert.False(await watch.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.OK, watch.GetStatus().StatusCode);
        await stopped.Soon();
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext().Soon());
        return watch.ResponseStream.Current.Status;
    }

    /// <summary>As ASP.NET Core does it every thirty seconds.</summary>
    private async Task PublishAsync(TestHost host, HealthStatus database)
    {
        _database = database;
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        await host.Services.GetRequiredService<IHealthCheckPublisher>().PublishAsync(report, CancellationToken.None);
    }

    private Task<TestHost> StartAsync() => TestHost.StartAsync(
        builder =>
        {
            builder.Services.AddGrpc();
            builder.Services
                .AddGrpcHealthChecks(options => options.Services.Map("without-database", check => !check.Tags.Contains("database")))
                .AddCheck("self", () => HealthCheckResult.Healthy())
                .AddCheck("database", () => new HealthCheckResult(_database), ["database"]);
        },
        app => app.MapGrpcHealthChecksService(),
        null);
}
