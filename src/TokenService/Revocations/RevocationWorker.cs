using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Revocations;

/// <summary>
/// Tries the revocations that are due until the provider has heard them, at growing distances and on whichever replica comes first.
/// </summary>
internal sealed partial class RevocationWorker(
    TenantDb<TokensDbContext> db, RevocationQueue revocations, TimeProvider clock, ILogger<RevocationWorker> logger) : BackgroundService
{
    private const int Batch = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WorkAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        foreach (var queued in await ClaimAsync(stoppingToken))
        {
            if (await revocations.TryAsync(queued.TenantId, queued.Id))
            {
                LogRevoked(queued.Id);
            }
        }
    }

    // a claim is the next attempt's time moved on: a worker that dies loses nothing but that time
    private async Task<IReadOnlyList<QueuedRevocation>> ClaimAsync(CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.ForNoTenant();
        await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
        var due = await context.RevocationQueue
            .FromSql($"SELECT * FROM revocation_queue WHERE due_at <= {now} ORDER BY due_at LIMIT {Batch} FOR UPDATE SKIP LOCKED")
            .ToListAsync(stoppingToken);
        foreach (var queued in due)
        {
            queued.DueAt = now + TimeSpan.FromTicks(Math.Min(LongestRetry.Ticks, FirstRetry.Ticks << Math.Min(queued.Attempts, 10)));
            queued.Attempts++;
        }

        await context.SaveChangesAsync(stoppingToken);
        await transaction.CommitAsync(stoppingToken);
        return due;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Revocation {RevocationId}: done at the provider")]
    private partial void LogRevoked(Guid revocationId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revocations could not be worked on")]
    private partial void LogFailed(Exception exception);
}
