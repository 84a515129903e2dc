using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Storage;

/// <summary>
/// What every worker on a queue does: claims what is due, works on so much of it at once, and sleeps until the next is due or somebody says
/// that there is more. It goes on after an outage of the database, and when it is stopped, it ends when what was begun has ended. It
/// looks for nothing by itself: of a signal that was lost, <see cref="DatabaseSignalListener"/> tells it.
/// </summary>
public sealed partial class WorkLoop<TItem>(string queue, TimeProvider clock, ILogger logger)
{
    // what is due, and is kept back for a reason that only its queue knows
    private static readonly TimeSpan LookForTheKeptBack = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AfterAnOutage = TimeSpan.FromSeconds(2);

    private int _finished;

    /// <summary>Says that there is more; nothing else waits for it.</summary>
    public required DatabaseSignal Signal { get; init; }

    public required int AtOnce { get; init; }

    /// <summary>Claims up to so many of what is due.</summary>
    public required Func<int, CancellationToken, Task<IReadOnlyList<TItem>>> Claim { get; init; }

    /// <summary>When something is due next, also in the past; null while nothing is there.</summary>
    public required Func<CancellationToken, Task<DateTimeOffset?>> Next { get; init; }

    /// <summary>Works on one item, to its end or until it is stopped; it is taken out or given back by then.</summary>
    public required Func<TItem, CancellationToken, Task> Run { get; init; }

    /// <summary>Ends when it is stopped, and not before.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var running = new List<Task>();
        var mayHaveMore = true;
        try
        {
            while (true)
            {
                stoppingToken.ThrowIfCancellationRequested();
                running.RemoveAll(one => one.IsCompleted);
                // from before it is asked: what falls due meanwhile is not slept through
                var now = clock.GetUtcNow();
                var wakeAt = DateTimeOffset.MaxValue;
                try
                {
                    if (AtOnce - running.Count is var room and > 0)
                    {
                        var hasClaimed = mayHaveMore;
                        if (mayHaveMore)
                        {
                            var claimed = await Claim(room, stoppingToken);
                            running.AddRange(claimed.Select(item => RunAsync(item, stoppingToken)));
                            if (claimed.Count == room)
                            {
                                continue;
                            }
                        }

                        var next = await Next(stoppingToken) ?? DateTimeOffset.MaxValue;
                        mayHaveMore = next <= now;
                        if (mayHaveMore && !hasClaimed)
                        {
                            continue;
                        }

                        wakeAt = mayHaveMore ? now + LookForTheKeptBack : next;
                    }

                    var isTold = await Signal.WaitAsync(wakeAt, stoppingToken);
                    // what has finished here makes room, and brings nothing new with it
                    mayHaveMore |= Interlocked.Exchange(ref _finished, 0) == 0 && isTold;
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogCannotClaim(e, queue);
                    mayHaveMore = true;
                    await Task.Delay(AfterAnOutage, clock, stoppingToken);
                }
            }
        }
        finally
        {
            await Task.WhenAll(running);
        }
    }

    private async Task RunAsync(TItem item, CancellationToken stoppingToken)
    {
        try
        {
            await Run(item, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopped on its way
        }
        catch (Exception e)
        {
            // one item must not stop the others; its claim runs out
            LogFailed(e, queue);
        }
        finally
        {
            Interlocked.Exchange(ref _finished, 1);
            Signal.Set();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Queue {Queue} cannot be read; trying again")]
    private partial void LogCannotClaim(Exception exception, string queue);

    [LoggerMessage(Level = LogLevel.Error, Message = "Queue {Queue}: the work on an item failed")]
    private partial void LogFailed(Exception exception, string queue);
}
