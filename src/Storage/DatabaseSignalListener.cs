using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>That a service wants to hear a channel.</summary>
internal sealed record SignalChannel(string Name);

/// <summary>That a channel is a queue's, whose table has its name.</summary>
internal sealed record QueueTable(string Name);

/// <summary>
/// Listens to all channels of a service, on one connection, and passes on what is said to their signals. A signal can be lost: every half
/// minute one statement asks all queues together what is due, and wakes those that have something. It shows as well that the connection,
/// on which nobody may say anything for hours, is still one.
/// </summary>
internal sealed partial class DatabaseSignalListener : BackgroundService
{
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    // seconds: a connection of which only this end is left answers nothing, and nothing is heard meanwhile
    private const int LookLimit = 5;

    private readonly StoragePools _pools;
    private readonly Dictionary<string, DatabaseSignal> _signals;
    private readonly DatabaseSignal[] _queues;
    private readonly string _lookSql;
    private readonly TimeProvider _clock;
    private readonly ILogger<DatabaseSignalListener> _logger;

    public DatabaseSignalListener(
        StoragePools pools, IEnumerable<SignalChannel> channels, IEnumerable<QueueTable> queues, IServiceProvider services,
        TimeProvider clock, ILogger<DatabaseSignalListener> logger)
    {
        (_pools, _clock, _logger) = (pools, clock, logger);
        _signals = channels.Select(channel => channel.Name).Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => services.GetRequiredKeyedService<DatabaseSignal>(name), StringComparer.Ordinal);
        _queues = [.. queues.Select(queue => _signals[queue.Name])];
        _lookSql = $"SELECT {string.Join(", ", _queues.Select(queue => WorkQueue.IsDueSql(queue.Channel)))}";
    }

    /// <summary>How often it looks for what a signal that was lost would have said.</summary>
    internal TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogLost(e.Message);
                // it is the first to hear of a server's end: what lies in the pools has ended with it, and would fail whoever comes next
                _pools.Clear();
                await Task.Delay(ReconnectAfter, _clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = await _pools.OfWork.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, said) => _signals.GetValueOrDefault(said.Channel)?.Hear(said.Payload);
        foreach (var channel in _signals.Keys)
        {
            await using var listen = new NpgsqlCommand($"LISTEN {channel}", connection) { CommandTimeout = LookLimit };
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        foreach (var signal in _signals.Values)
        {
            signal.Hear("");
        }

        // a network's time, not the service's
        var time = TimeProvider.System;
        var looked = time.GetTimestamp();
        while (true)
        {
            var left = LookEvery - time.GetElapsedTime(looked);
            if (left > TimeSpan.Zero && await connection.WaitAsync(left, stoppingToken))
            {
                continue;
            }

            await LookAsync(connection, stoppingToken);
            looked = time.GetTimestamp();
        }
    }

    private async Task LookAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        await using var look = new NpgsqlCommand(_lookSql, connection) { CommandTimeout = LookLimit };
        // a row that is added while nobody hears it is due by the time of the next look, or at its own
        look.Parameters.Add(new NpgsqlParameter { Value = _clock.GetUtcNow() + LookEvery });
        await using var answer = await look.ExecuteReaderAsync(stoppingToken);
        await answer.ReadAsync(stoppingToken);
        for (var queue = 0; queue < _queues.Length; queue++)
        {
            if (answer.GetBoolean(queue))
            {
                _queues[queue].Set();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signals of the database: the connection was lost ({Reason}), listening again")]
    private partial void LogLost(string reason);
}
