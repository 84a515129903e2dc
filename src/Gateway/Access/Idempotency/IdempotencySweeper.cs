using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Access.Idempotency;

/// <summary>Deletes answers that nobody can ask for any more.</summary>
internal sealed partial class IdempotencySweeper(IdempotencyStore store, TimeProvider clock, ILogger<IdempotencySweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var deleted = await store.SweepAsync(stoppingToken);
                LogSwept(deleted);
            }
            catch (Exception e) when (StorageOutage.Is(e))
            {
                LogPutOff(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} answers older than a day deleted")]
    private partial void LogSwept(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old answers stay for now: the database does not answer")]
    private partial void LogPutOff(Exception exception);
}
