using Grpc.Core;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>
/// Lets a call live as long as its key and its time, however it came. All that are open are looked at together: a stream on which nothing
/// happens costs a look into memory once a second, and one query tells of the keys of all.
/// </summary>
internal sealed class CallLife(ApiKeyVerifier verifier, KeyDirectory directory, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<OpenCall> _open = [];
    private bool _isLooking;
    private long _askedAt;

    /// <summary>Runs <paramref name="call"/> and aborts its request when it is over, or when <paramref name="stopping"/> says so.</summary>
    public async Task<CallEnd> RunAsync(HttpContext context, string? key, TimeSpan life, RequestDelegate call, CancellationToken stopping)
    {
        var left = context.RequestAborted;
        using var ended = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, ended.Token, stopping);
        context.RequestAborted = end.Token;
        var open = new OpenCall(key, life, clock.GetTimestamp(), ended);
        Add(open);
        try
        {
            await call(context);
        }
        catch (Exception e) when (open.End.Task.IsCompletedSuccessfully && IsCancelled(e))
        {
            // ended from here: who asked is told why
        }
        finally
        {
            Remove(open);
            // nothing is disposed while it is used
            await open.Ending;
            context.RequestAborted = left;
        }

        return open.End.Task.IsCompleted ? await open.End.Task : CallEnd.Own;
    }

    private static bool IsCancelled(Exception e) => e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };

    private void Add(OpenCall call)
    {
        lock (_lock)
        {
            _open.Add(call);
            if (_isLooking)
            {
                return;
            }

            _isLooking = true;
            // its key was looked at just now
            _askedAt = call.Begun;
        }

        // it goes on when the call that began it has ended: not in its trace
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(LookAsync);
        }
    }

    private void Remove(OpenCall call)
    {
        lock (_lock)
        {
            _open.Remove(call);
        }
    }

    private async Task LookAsync()
    {
        while (true)
        {
            await Task.Delay(LookEvery, clock);
            List<OpenCall> calls;
            lock (_lock)
            {
                if (_open.Count == 0)
                {
                    _isLooking = false;
                    return;
                }

                calls = [.. _open];
            }

            try
            {
                await LookAsync(calls);
            }
            catch (Exception e)
            {
                // theirs to handle, each at its own request: nothing goes on unwatched
                EndAll(calls, end => end.TrySetException(e));
            }
        }
    }

    private async Task LookAsync(List<OpenCall> calls)
    {
        EndAll(calls.Where(call => clock.GetElapsedTime(call.Begun) >= call.Life), end => end.TrySetResult(CallEnd.TimeOver));
        // one that was deleted at another replica is known by then
        var isDue = clock.GetElapsedTime(_askedAt) >= ApiKeyVerifier.Remembered;
        if (isDue)
        {
            _askedAt = clock.GetTimestamp();
        }

        var keys = calls.Select(call => call.Key).OfType<string>().Distinct(StringComparer.Ordinal);
        var good = await Task.WhenAll(keys.Select(async key => (Key: key, IsGood: await IsGoodAsync(key, isDue))));
        var gone = good.Where(key => !key.IsGood).Select(key => key.Key).ToHashSet(StringComparer.Ordinal);
        EndAll(calls.Where(call => call.Key is { } key && gone.Contains(key)), end => end.TrySetResult(CallEnd.KeyGone));
    }

    private async Task<bool> IsGoodAsync(string key, bool isDue)
    {
        try
        {
            return verifier.Recall(key) switch
            {
                // as it was deleted here, or as so many were shown that it was forgotten
                null => await verifier.VerifyAsync(key, CancellationToken.None) is not null,
                true => !isDue || await IsThereAsync(key),
                false => false,
            };
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            return true;    // nobody can say; the next look may
        }
    }

    private async Task<bool> IsThereAsync(string key)
    {
        if (!ApiKeyText.TryParse(key, out var shown) || await directory.FindAsync(shown.Id, CancellationToken.None) is not null)
        {
            return true;
        }

        verifier.Forget(shown.Id);
        return false;
    }

    private void EndAll(IEnumerable<OpenCall> calls, Func<TaskCompletionSource<CallEnd>, bool> end)
    {
        lock (_lock)
        {
            foreach (var call in calls.Where(_open.Contains))
            {
                if (end(call.End))
                {
                    call.Ending = call.Ended.CancelAsync();
                }
            }
        }
    }

    private sealed class OpenCall(string? key, TimeSpan life, long begun, CancellationTokenSource ended)
    {
        public string? Key => key;

        public TimeSpan Life => life;

        public long Begun => begun;

        public CancellationTokenSource Ended => ended;

        public TaskCompletionSource<CallEnd> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ending { get; set; } = Task.CompletedTask;
    }
}

/// <summary>What a call ended by.</summary>
internal enum CallEnd
{
    /// <summary>It was done, its caller left, or the replica stops.</summary>
    Own,

    /// <summary>Its key was deleted or has expired.</summary>
    KeyGone,

    /// <summary>It took as long as it may.</summary>
    TimeOver,
}
