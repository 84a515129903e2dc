using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.RefreshAhead;

/// <summary>
/// Replaces tokens before they end, so that no caller waits for the provider. Only tokens that were handed out are looked after: the new
/// one must be handed out in its turn, so that a connection which nobody uses any more is refreshed once at most. Every replica works;
/// a refresh is made under the same lease and from the same budget as a caller's.
/// </summary>
internal sealed partial class RefreshAheadWorker(
    TenantDb<TokensDbContext> db, TokenRefresher refresher, TimeProvider clock, ILogger<RefreshAheadWorker> logger) : BackgroundService
{
    /// <summary>A token is replaced when it has at most this much life left.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    /// <summary>And at most this much later: seven minutes before its end.</summary>
    public static readonly TimeSpan Spread = TimeSpan.FromMinutes(3);

    private const int Batch = 50;
    private const int AtOnce = 8;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    // two or three tries before the token ends, and then none until a caller comes: an outage is not made worse
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await WorkAsync(stoppingToken) == Batch)
                {
                    // more may be due
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    private async Task<int> WorkAsync(CancellationToken stoppingToken)
    {
        var due = await ClaimAsync(stoppingToken);
        await Parallel.ForEachAsync(
            due.Where(queued => queued.Until > clock.GetUtcNow()),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
            async (queued, _) => await RefreshAsync(queued, stoppingToken));
        return due.Count;
    }

    // a claim is the next attempt's time moved on: a worker that dies loses nothing but that time
    private async Task<IReadOnlyList<QueuedRefresh>> ClaimAsync(CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.ForNoTenant();
        await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
        var due = await context.RefreshQueue
            .FromSql($"SELECT * FROM refresh_queue WHERE due_at <= {now} ORDER BY due_at LIMIT {Batch} FOR UPDATE SKIP LOCKED")
            .ToListAsync(stoppingToken);
        foreach (var queued in due)
        {
            queued.DueAt = now + RetryAfter;
            if (queued.DueAt >= queued.Until)
            {
                // this attempt is the last
                context.RefreshQueue.Remove(queued);
            }
        }

        await context.SaveChangesAsync(stoppingToken);
        await transaction.CommitAsync(stoppingToken);
        return due;
    }

    private async Task RefreshAsync(QueuedRefresh queued, CancellationToken stoppingToken)
    {
        try
        {
            var answer = await refresher.GetAsync(new ConnectionKey(queued.TenantId, queued.Id), Ahead);
            if (answer.Succeeded(out _, out var failure) || failure.Kind is not (FailureKind.Unavailable or FailureKind.RateLimited))
            {
                await DoneAsync(queued, stoppingToken);
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // one connection must not stop the others
            LogNotRefreshed(e, queued.Id);
        }
    }

    // the new token may have been used and queued already: that entry stays
    private async Task DoneAsync(QueuedRefresh queued, CancellationToken stoppingToken)
    {
        await using var context = db.ForNoTenant();
        await context.RefreshQueue
            .Where(row => row.TenantId == queued.TenantId && row.Id == queued.Id && row.Until == queued.Until)
            .ExecuteDeleteAsync(stoppingToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Tokens that end soon could not be looked for")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {ConnectionId}: its token could not be replaced ahead of its end")]
    private partial void LogNotRefreshed(Exception exception, Guid connectionId);
}
