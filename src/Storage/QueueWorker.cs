using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Storage;

/// <summary>Works on the items of a <see cref="WorkQueue"/>, each under a lease that is renewed until the work on it has ended.</summary>
public sealed partial class QueueWorker(WorkQueue queue, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);

    public required int AtOnce { get; init; }

    /// <summary>A tenant's share of them: tenants take turns then (<see cref="TenantTurns"/>). Without one the longest waiting come first.</summary>
    public int? AtOnceOfATenant { get; init; }

    /// <summary>
    /// Works on one item, and completes or defers it. The first token ends when the service stops: what is cut off by it is given back. The
    /// second ends when the claim is lost: somebody else may work on the item by then.
    /// </summary>
    public required Func<WorkItem, CancellationToken, CancellationToken, Task> Run { get; init; }

    /// <summary>How long an item waits whose work threw: a bug, or the database was away.</summary>
    public required Func<WorkItem, TimeSpan> RetryAfter { get; init; }

    /// <summary>Ends when it is stopped, and not before.</summary>
    public Task RunAsync(CancellationToken stoppingToken) => new WorkLoop<WorkItem>(queue.Table, clock, logger)
    {
        Signal = queue.Signal,
        AtOnce = AtOnce,
        Claim = AtOnceOfATenant is { } share ? ByTurns(share) : queue.ClaimAsync,
        Next = queue.NextAsync,
        Run = RunAsync,
    }.RunAsync(stoppingToken);

    private Func<int, CancellationToken, Task<IReadOnlyList<WorkItem>>> ByTurns(int share)
    {
        var turns = new TenantTurns(queue);
        return (most, cancellationToken) => turns.ClaimAsync(most, share, cancellationToken);
    }

    private async Task RunAsync(WorkItem item, CancellationToken stoppingToken)
    {
        await using var lease = queue.Keep(item, trouble => LogNotRenewed(queue.Table, item.Id, trouble.Message));
        try
        {
            await Run(item, stoppingToken, lease.Lost);
        }
        catch (Exception) when (lease.Lost.IsCancellationRequested)
        {
            LogLost(queue.Table, item.Id);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await GiveBackAsync(item, queue.ReleaseAsync);
        }
        catch (Exception e)
        {
            LogFailed(e, queue.Table, item.Id);
            await GiveBackAsync(item, (_, limit) => queue.DeferAsync(item, clock.GetUtcNow() + RetryAfter(item), limit));
        }
    }

    private async Task GiveBackAsync(WorkItem item, Func<WorkItem, CancellationToken, Task> giveBack)
    {
        using var limit = new CancellationTokenSource(ReleaseLimit);
        try
        {
            await giveBack(item, limit.Token);
        }
        catch (Exception e)
        {
            // the claim runs out by itself
            LogNotGivenBack(queue.Table, item.Id, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Queue {Queue}, item {ItemId}: the work failed")]
    private partial void LogFailed(Exception exception, string queue, Guid itemId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue}, item {ItemId}: the claim was lost, another replica goes on")]
    private partial void LogLost(string queue, Guid itemId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue}, item {ItemId}: the claim could not be renewed ({Reason})")]
    private partial void LogNotRenewed(string queue, Guid itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue}, item {ItemId}: the claim could not be given back ({Reason})")]
    private partial void LogNotGivenBack(string queue, Guid itemId, string reason);
}
