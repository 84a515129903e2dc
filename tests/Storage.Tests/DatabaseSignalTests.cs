using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class DatabaseSignalTests : IAsyncLifetime
{
    private StorageHost _host = null!;
    private DatabaseSignal _signal = null!;

    public async Task InitializeAsync()
    {
        _host = await StorageHost.StartAsync();
        _signal = new DatabaseSignal(_host.Db.DataSource, "work", TimeProvider.System, NullLogger<DatabaseSignal>.Instance);
        await _signal.StartAsync(CancellationToken.None);
        // the first "look" says that it listens
        await _signal.WaitAsync(Eventually.Limit, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _signal.StopAsync(CancellationToken.None);
        _signal.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_notification_of_another_connection_wakes_the_waiter()
    {
        var waiting = _signal.WaitAsync(TimeSpan.FromMinutes(10), CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        await using var notify = _host.Db.DataSource.CreateCommand("NOTIFY work");
        await notify.ExecuteNonQueryAsync();

        await waiting.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Who_asks_for_it_is_told_what_was_said_and_that_something_may_have_been_missed()
    {
        var heard = Channel.CreateUnbounded<string>();
        _signal.OnSignal(text => heard.Writer.TryWrite(text));

        await using var notify = _host.Db.DataSource.CreateCommand("NOTIFY work, 'tenant 7'");
        await notify.ExecuteNonQueryAsync();
        Assert.Equal("tenant 7", await heard.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Limit));

        await CutAsync();
        Assert.Equal("", await heard.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again_and_the_waiter_told_to_look()
    {
        var waiting = _signal.WaitAsync(TimeSpan.FromMinutes(10), CancellationToken.None);

        await CutAsync();

        await waiting.WaitAsync(Eventually.Limit);
    }

    private async Task CutAsync()
    {
        await using var cut = _host.Db.DataSource.CreateCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN work%' AND datname = current_database() AND pid <> pg_backend_pid()");
        Assert.Equal(1L, await cut.ExecuteScalarAsync());
    }
}
