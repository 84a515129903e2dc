using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>
/// Wakes a worker when some replica said <c>NOTIFY channel</c>. A signal says only "look": it may come without cause and is lost while the
/// connection is down, so the waiter looks again after a while in any case, and once after every reconnect.
/// </summary>
public sealed partial class DatabaseSignal(NpgsqlDataSource dataSource, string channel, TimeProvider clock, ILogger<DatabaseSignal> logger)
    : BackgroundService
{
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    // holds one "look": many notifications before the next wait are one
    private readonly SemaphoreSlim _look = new(0, 1);
    private volatile Action<string>? _heard;

    /// <summary>Returns at the next signal, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _look.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time is up: that is an answer too
        }
    }

    /// <summary>
    /// Calls <paramref name="heard"/> with what each signal said, and with nothing once the channel is listened to (again): anything may have
    /// been missed before. It must not block.
    /// </summary>
    public void OnSignal(Action<string> heard) => _heard += heard;

    /// <summary>Wakes the waiter of this process.</summary>
    public void Set()
    {
        try
        {
            _look.Release();
        }
        catch (SemaphoreFullException)
        {
            // a look is due already
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _look.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await dataSource.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, signal) =>
                {
                    Set();
                    _heard?.Invoke(signal.Payload);
                };
                await using (var listen = new NpgsqlCommand($"LISTEN {channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                }

                Set();
                _heard?.Invoke("");
                while (true)
                {
                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogLost(channel, e.Message);
                await Task.Delay(ReconnectAfter, clock, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Channel {Channel}: the connection was lost ({Reason}), listening again")]
    private partial void LogLost(string channel, string reason);
}
