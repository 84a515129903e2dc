using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>A tenant's turns at forgetting people and letting them back: each takes a while, and no tenant may take all of a replica.</summary>
internal sealed class PersonTurns : IDisposable
{
    /// <summary>How many of a tenant's are under way at once, at a replica.</summary>
    public const int AtOnce = 2;

    /// <summary>How many more of a tenant's wait for that.</summary>
    public const int Waiting = 20;

    private static readonly Failure Busy = new(
        FailureKind.RateLimited, "forgetting_busy", "Many people of this tenant are forgotten or let back at this moment: ask again shortly.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    private readonly TenantShares _turns = new(AtOnce, Waiting, Busy);

    /// <summary>Does it when it is the tenant's turn.</summary>
    public async Task<Result<T>> InTurnAsync<T>(TenantId tenant, Func<Task<Result<T>>> run, CancellationToken cancellationToken)
        where T : notnull
    {
        if (!(await _turns.TakeAsync(tenant, cancellationToken)).Succeeded(out var turn, out var busy))
        {
            return busy;
        }

        using (turn)
        {
            return await run();
        }
    }

    public void Dispose() => _turns.Dispose();
}
