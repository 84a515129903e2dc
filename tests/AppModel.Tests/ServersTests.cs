using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;

namespace ZohoPlatform.AppModel.Tests;

public sealed class ServersTests
{
    [Fact]
    public async Task Postgres_redis_and_a_project_run_and_are_reached()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var things = builder.AddPostgres("postgres").AddDatabase("things");
        var redis = builder.AddRedis("redis");
        builder.AddProject("echo", TestApps.EchoService)
            .WithHttpHealthCheck("/health")
            .WithReference(things).WithReference(redis)
            .WaitFor(things).WaitFor(redis);
        await using var app = await builder.BuildAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("echo", limit.Token);

        var connectionString = await app.GetConnectionStringAsync("things", limit.Token);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(limit.Token);
        Assert.Equal("things", connection.Database);
        using var http = app.CreateHttpClient("echo", "http");
        Assert.Equal(connectionString, await http.GetStringAsync("/environment/ConnectionStrings__things", limit.Token));
        Assert.Equal(await app.GetConnectionStringAsync("redis", limit.Token), await http.GetStringAsync("/environment/ConnectionStrings__redis", limit.Token));
        Assert.True(await http.GetFromJsonAsync<int>("/pid", limit.Token) > 0);
    }
}
