using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.RefreshAhead;

/// <summary>
/// Replaces tokens before they end, so that no caller waits for the provider. Only tokens that were handed out are looked after: the new
/// one must be handed out in its turn, so that a connection which nobody uses any more is refreshed once at most. Every replica works;
/// a refresh is made under the same lease and from the same budget as a caller's.
/// </summary>
internal sealed class RefreshAheadWorker(
    TenantDb<TokensDbContext> db,
    [FromKeyedServices(RefreshAheadWorker.Queue)] WorkQueue queue,
    TokenRefresher refresher,
    TimeProvider clock,
    ILogger<RefreshAheadWorker> logger) : BackgroundService
{
    public const string Queue = "refresh_queue";

    private const int AtOnce = 8;

    // two or three tries before the token ends, and then none until a caller comes: an outage is not made worse
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(3);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new QueueWorker(queue, clock, logger) { AtOnce = AtOnce, Run = RefreshAsync, RetryAfter = _ => RetryAfter }.RunAsync(stoppingToken);

    private async Task RefreshAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        var again = clock.GetUtcNow() + RetryAfter;
        if (await UntilAsync(item, stoppingToken) is not { } until || until <= clock.GetUtcNow())
        {
            await queue.CompleteAsync(item, lost);
            return;
        }

        var answer = await refresher.GetAsync(new ConnectionKey(item.Tenant, item.Id), UsedTokens.Ahead);
        var isFinal = answer.Succeeded(out _, out var failure) || failure.Kind is not (FailureKind.Unavailable or FailureKind.RateLimited);
        if (isFinal || again >= until)
        {
            // the new token may have been used and queued already: that takes the claim away, and the entry stays
            await queue.CompleteAsync(item, lost);
        }
        else
        {
            await queue.DeferAsync(item, again, lost);
        }
    }

    private async Task<DateTimeOffset?> UntilAsync(WorkItem item, CancellationToken stoppingToken)
    {
        await using var context = db.ForNoTenant();
        var queued = await context.RefreshQueue.AsNoTracking()
            .SingleOrDefaultAsync(row => row.TenantId == item.Tenant && row.Id == item.Id, stoppingToken);
        return queued?.Until;
    }
}
