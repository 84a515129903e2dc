using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Access.Streams;

/// <summary>Lets a call live as long as its key and its time, however it came.</summary>
internal sealed class CallLife(ApiKeyVerifier verifier, TimeProvider clock)
{
    // a key that was deleted here ends its streams then, one that was deleted at another replica when the verifier forgets it
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Runs <paramref name="call"/> and aborts its request when it is over, or when <paramref name="stopping"/> says so.</summary>
    public async Task<CallEnd> RunAsync(HttpContext context, string? key, TimeSpan life, RequestDelegate call, CancellationToken stopping)
    {
        var left = context.RequestAborted;
        using var ended = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, ended.Token, stopping);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(left);
        context.RequestAborted = end.Token;
        var watch = WatchAsync(key, life, ended, over.Token);
        try
        {
            await call(context);
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)watch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.RequestAborted = left;
        }

        return ended.IsCancellationRequested ? await watch : CallEnd.Own;
    }

    private async Task<CallEnd> WatchAsync(string? key, TimeSpan life, CancellationTokenSource ended, CancellationToken over)
    {
        var begun = clock.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, clock, over);
                if (clock.GetElapsedTime(begun) >= life)
                {
                    return CallEnd.TimeOver;
                }

                if (key is not null && !await IsGoodAsync(key, over))
                {
                    return CallEnd.KeyGone;
                }
            }
        }
        finally
        {
            // also where the look itself failed: nothing goes on unwatched
            if (!over.IsCancellationRequested)
            {
                await ended.CancelAsync();
            }
        }
    }

    private async Task<bool> IsGoodAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.VerifyAsync(key, cancellationToken) is not null;
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            return true;    // nobody can say; the next look may
        }
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
