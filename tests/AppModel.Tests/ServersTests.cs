using Npgsql;

namespace ZohoPlatform.AppModel.Tests;

public sealed class ServersTests : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Postgres_redis_and_a_project_run_and_are_reached()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var things = builder.AddPostgres("postgres").AddDatabase("things");
        var redis = builder.AddRedis("redis");
        builder.AddProject("echo", TestApps.EchoService)
            .WithHttpHealthCheck("/health")
            .WithReference(things).WithReference(redis, "cache")
            .WaitFor(things).WaitFor(redis);
        await using var app = await builder.BuildAsync(_limit.Token);

        await app.StartAsync(_limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("echo", _limit.Token);

        var connectionString = await app.GetConnectionStringAsync("things", _limit.Token);
        Assert.Matches("^Host=127.0.0.1;Port=[0-9]+;Username=postgres;Password=[A-Za-z0-9]{24};Database=things$", connectionString);
        Assert.Equal(1, await ScalarAsync(connectionString, "SELECT 1"));
        using var http = app.CreateHttpClient("echo", "http");
        Assert.Equal(connectionString, await http.GetStringAsync("/environment/ConnectionStrings__things", _limit.Token));
        Assert.Equal(await app.GetConnectionStringAsync("redis", _limit.Token),
            await http.GetStringAsync("/environment/ConnectionStrings__cache", _limit.Token));
    }

    [Fact]
    public async Task Another_password_is_refused()
    {
        await using var app = await StartPostgresAsync();
        var right = await app.GetConnectionStringAsync("things", _limit.Token);
        var wrong = new NpgsqlConnectionStringBuilder(right) { Password = "fake-password" };

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(wrong.ConnectionString, "SELECT 1"));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Data_in_a_bind_mount_outlive_the_launch()
    {
        await using (var first = await StartPostgresAsync("data"))
        {
            await ScalarAsync(await first.GetConnectionStringAsync("things", _limit.Token),
                "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");
        }

        await using var second = await StartPostgresAsync("data");

        Assert.Equal(7, await ScalarAsync(await second.GetConnectionStringAsync("things", _limit.Token), "SELECT id FROM kept"));
    }

    [Fact]
    public async Task Data_that_nobody_keeps_go_with_the_launch()
    {
        var app = await StartPostgresAsync();
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(_folder.Path, "tmp")));

        await app.DisposeAsync();

        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "tmp")));
    }

    [Fact]
    public async Task Data_of_another_password_are_told_apart_from_a_server_that_is_down()
    {
        await (await StartPostgresAsync("data")).DisposeAsync();
        File.Delete(Path.Combine(_folder.Path, "parameters.json"));

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => StartPostgresAsync("data"));

        Assert.Contains("Its data were made with another one: bring back parameters.json", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_that_configuration_names_are_used_and_none_is_started()
    {
        await using var theirs = DistributedApplicationTestingBuilder.Create();
        theirs.AddPostgres("their-postgres");
        theirs.AddRedis("their-redis");
        await using var running = await theirs.BuildAsync(_limit.Token);
        await running.StartAsync(_limit.Token);
        await running.ResourceNotifications.WaitForResourceHealthyAsync("their-postgres", _limit.Token);
        var postgres = await running.GetConnectionStringAsync("their-postgres", _limit.Token);

        await using var ours = DistributedApplicationTestingBuilder.Create(
            $"AppHost:StateDirectory={_folder.Path}",
            $"ConnectionStrings:postgres={postgres}",
            $"ConnectionStrings:redis={await running.GetConnectionStringAsync("their-redis", _limit.Token)}");
        ours.AddPostgres("postgres").AddDatabase("things");
        ours.AddRedis("redis");
        await using var app = await ours.BuildAsync(_limit.Token);
        await app.StartAsync(_limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("things", _limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("redis", _limit.Token);

        Assert.Equal($"{postgres};Database=things", await app.GetConnectionStringAsync("things", _limit.Token));
        Assert.Equal(1, await ScalarAsync(await app.GetConnectionStringAsync("things", _limit.Token), "SELECT 1"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "pids")));
    }

    [Fact]
    public async Task A_server_that_is_killed_comes_back_on_the_same_port_with_its_data()
    {
        await using var app = await StartPostgresAsync("data");
        var connectionString = await app.GetConnectionStringAsync("things", _limit.Token);
        await ScalarAsync(connectionString, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");

        LaunchedHost.Kill(File.ReadAllText(Path.Combine(_folder.Path, "pids", "postgres")).Split(' ')[0]);
        await app.ResourceNotifications.WaitForResourceAsync(
            "postgres", e => e.Snapshot.State?.Text == KnownResourceStates.Exited, _limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("postgres", _limit.Token);

        Assert.Equal(connectionString, await app.GetConnectionStringAsync("things", _limit.Token));
        Assert.Equal(7, await ScalarAsync(connectionString, "SELECT id FROM kept"));
    }

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Dispose();
    }

    private static async Task<object?> ScalarAsync(string? connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private async Task<DistributedApplication> StartPostgresAsync(string? data = null)
    {
        var builder = DistributedApplicationTestingBuilder.Create($"AppHost:StateDirectory={_folder.Path}");
        var postgres = builder.AddPostgres("postgres");
        if (data is not null)
        {
            postgres.WithDataBindMount(Path.Combine(_folder.Path, data));
        }
        postgres.AddDatabase("things");
        var app = await builder.BuildAsync(_limit.Token);
        try
        {
            await app.StartAsync(_limit.Token);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("things", _limit.Token);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }
}
