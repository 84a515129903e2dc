using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>That a service wants to hear a channel.</summary>
internal sealed record SignalChannel(string Name);

/// <summary>Listens to all channels of a service, on one connection, and passes on what is said to their signals.</summary>
internal sealed partial class DatabaseSignalListener : BackgroundService
{
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _dataSource;
    private readonly Dictionary<string, DatabaseSignal> _signals;
    private readonly TimeProvider _clock;
    private readonly ILogger<DatabaseSignalListener> _logger;

    public DatabaseSignalListener(
        NpgsqlDataSource dataSource, IEnumerable<SignalChannel> channels, IServiceProvider services, TimeProvider clock,
        ILogger<DatabaseSignalListener> logger)
    {
        (_dataSource, _clock, _logger) = (dataSource, clock, logger);
        _signals = channels.Select(channel => channel.Name).Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => services.GetRequiredKeyedService<DatabaseSignal>(name), StringComparer.Ordinal);
    }

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
                await Task.Delay(ReconnectAfter, _clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, said) => _signals.GetValueOrDefault(said.Channel)?.Hear(said.Payload);
        foreach (var channel in _signals.Keys)
        {
            await using var listen = new NpgsqlCommand($"LISTEN {channel}", connection);
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        foreach (var signal in _signals.Values)
        {
            signal.Hear("");
        }

        while (true)
        {
            await connection.WaitAsync(stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signals of the database: the connection was lost ({Reason}), listening again")]
    private partial void LogLost(string reason);
}
