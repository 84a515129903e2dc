using Microsoft.Extensions.Logging;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>Waits for a server that starts beside those who use it.</summary>
internal static partial class PostgresStart
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan WordEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    /// <summary>A connection outside the pool. A server that does not answer is asked again for a minute; who is refused is so at once.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(
        StorageConnection settings, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var single = new NpgsqlConnectionStringBuilder(settings.Builder.ConnectionString) { Pooling = false };
        NpgsqlConnection? open = null;
        await UntilAsync(
            async () =>
            {
                var connection = new NpgsqlConnection(single.ConnectionString);
                try
                {
                    await connection.OpenAsync(cancellationToken);
                    open = connection;
                    return null;
                }
                catch (NpgsqlException e) when (e.IsTransient)
                {
                    await connection.DisposeAsync();
                    return e;
                }
            },
            (waited, reason) => LogWaiting(logger, settings.Database, single.Host, single.Port, waited, reason),
            clock,
            cancellationToken);
        return open!;
    }

    /// <summary>Asks every second until there is no reason to wait any more, at most for <see cref="Limit"/>; then the last reason is thrown.</summary>
    public static async Task UntilAsync(
        Func<Task<Exception?>> ask, Action<int, string> tell, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var nextWord = TimeSpan.Zero;
        while (await ask() is { } reason)
        {
            var waited = clock.GetElapsedTime(started);
            if (waited >= Limit)
            {
                throw reason;
            }

            if (waited >= nextWord)
            {
                tell((int)waited.TotalSeconds, reason.Message);
                nextWord = waited + WordEvery;
            }

            await Task.Delay(AskEvery, clock, cancellationToken);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Database {Database}: waiting for PostgreSQL at {Host}:{Port}, {Seconds} s so far: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string database, string? host, int port, int seconds, string reason);
}
