using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class DatabaseSignalTests : IAsyncLifetime
{
    private StorageHost _host = null!;
    private DatabaseSignal _signal = null!;
    private DatabaseSignal _other = null!;

    public async Task InitializeAsync()
    {
        _host = await StorageHost.StartAsync(add: services =>
        {
            services.AddDatabaseSignal("work");
            services.AddDatabaseSignal("play");
        });
        (_signal, _other) = (Signal("work"), Signal("play"));
        // the first "look" says that it listens
        await Task.WhenAll(WaitAsync(_signal), WaitAsync(_other)).WaitAsync(Eventually.Limit);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Each_channel_of_a_service_wakes_its_own_waiter()
    {
        var (work, play) = (WaitAsync(_signal), WaitAsync(_other));

        await SayAsync("NOTIFY play");
        Assert.True(await play.WaitAsync(Eventually.Limit));
        Assert.False(work.IsCompleted);

        await SayAsync("NOTIFY work");
        Assert.True(await work.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_clock_that_is_moved_past_the_deadline_ends_the_wait()
    {
        var clock = StandingClock.Create();
        using var signal = new DatabaseSignal("work", clock);
        var deadline = clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        var waiting = signal.WaitAsync(deadline, CancellationToken.None);

        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.False(await waiting.WaitAsync(Eventually.Limit));
        Assert.False(await signal.WaitAsync(deadline, CancellationToken.None).WaitAsync(Eventually.Limit));
    }

    [Theory]
    [InlineData("Work")]
    [InlineData("")]
    [InlineData("work; DROP TABLE notes")]
    public void A_channel_has_a_plain_name(string name) =>
        Assert.Throws<ArgumentException>(() => new DatabaseSignal(name, TimeProvider.System));

    [Fact]
    public async Task A_notification_of_another_connection_wakes_the_waiter()
    {
        var waiting = WaitAsync(_signal);
        Assert.False(waiting.IsCompleted);

        await SayAsync("NOTIFY work");

        Assert.True(await waiting.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task Who_asks_for_it_is_told_what_was_said_and_that_something_may_have_been_missed()
    {
        var heard = Channel.CreateUnbounded<string>();
        _signal.OnSignal(text => heard.Writer.TryWrite(text));

        await SayAsync("NOTIFY work, 'tenant 7'");
        Assert.Equal("tenant 7", await heard.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Limit));

        await CutAsync();
        Assert.Equal("", await heard.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_and_the_waiter_told_to_look()
    {
        var waiting = WaitAsync(_signal);

        await CutAsync();

        Assert.True(await waiting.WaitAsync(Eventually.Limit));
    }

    private DatabaseSignal Signal(string channel) => _host.Services.GetRequiredKeyedService<DatabaseSignal>(channel);

    private static Task<bool> WaitAsync(DatabaseSignal signal) =>
        signal.WaitAsync(TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(10), CancellationToken.None);

    private async Task SayAsync(string sql)
    {
        await using var notify = _host.Db.DataSource.CreateCommand(sql);
        await notify.ExecuteNonQueryAsync();
    }

    private async Task CutAsync()
    {
        await using var cut = _host.Db.DataSource.CreateCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database() AND pid <> pg_backend_pid()");
        Assert.Equal(1L, await cut.ExecuteScalarAsync());
    }
}
