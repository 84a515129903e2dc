using ZohoPlatform.Testing;

namespace ZohoPlatform.AppModel.Tests;

public sealed class EntryPointTests : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    [Fact]
    public async Task An_app_host_runs_inside_the_test_as_it_describes_itself()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.DemoHost>(["Demo:Port=0"], _limit.Token);
        await using var app = await builder.BuildAsync(_limit.Token);
        await app.StartAsync(_limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("echo", _limit.Token);
        using var http = app.CreateHttpClient("echo", "front");

        Assert.Matches("^[A-Za-z0-9]{40}$", await http.GetStringAsync("/environment/GENERATED", _limit.Token));
    }

    [Fact]
    public async Task A_test_may_change_the_application_before_it_is_built()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.DemoHost>(_limit.Token);
        var echo = Assert.IsType<ProjectResource>(builder.Resources.Single(r => r.Name == "echo"));
        builder.Configuration["Parameters:generated"] = "from-the-test";
        await using var app = await builder.BuildAsync(_limit.Token);
        await app.StartAsync(_limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync(echo.Name, _limit.Token);
        using var http = app.CreateHttpClient("echo", "http");

        Assert.Equal("from-the-test", await http.GetStringAsync("/environment/GENERATED", _limit.Token));
    }

    [Fact]
    public async Task Applications_run_side_by_side()
    {
        var apps = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.DemoHost>(_limit.Token);
            var app = await builder.BuildAsync(_limit.Token);
            await app.StartAsync(_limit.Token);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("echo", _limit.Token);
            return app;
        }));

        Assert.NotEqual(apps[0].GetEndpoint("echo", "http"), apps[1].GetEndpoint("echo", "http"));
        await Task.WhenAll(apps.Select(app => app.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task State_of_a_test_goes_with_it()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.DemoHost>(_limit.Token);
        var state = builder.Configuration["AppHost:StateDirectory"]!;
        Assert.True(Directory.Exists(state));

        await builder.DisposeAsync();

        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public async Task State_that_a_killed_test_left_goes_with_a_later_one()
    {
        var left = Directory.CreateTempSubdirectory("apphost-");
        Directory.SetLastWriteTimeUtc(left.FullName, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1));

        await using var builder = DistributedApplicationTestingBuilder.Create();

        await Eventually.GetAsync(() => Task.FromResult(Directory.Exists(left.FullName)), exists => !exists);
    }

    [Fact]
    public async Task An_app_host_that_throws_throws_in_the_test()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.DemoHost>(["Demo:Port=abc"], _limit.Token));

        Assert.Contains("Demo:Port", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _limit.Dispose();
}
