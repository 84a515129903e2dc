using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Answers with a live token: from memory, from what the replicas share in Redis and in the database, or from a refresh. However many callers of this process ask at
/// once, one of them looks and the others share its answer.
/// </summary>
internal sealed class AccessTokenProvider(
    TenantDb<TokensDbContext> db,
    ProviderCatalogue providers,
    TokenMemory memory,
    TokenCache cache,
    TokenRefresher refresher,
    TokenMetrics metrics,
    TimeProvider clock)
    : IHostedService
{
    // one request to the provider takes ten seconds at most
    private static readonly TimeSpan CallerWaits = TokenRefresher.WaitLimit + TimeSpan.FromSeconds(3);

    // shorter than who reports waits
    private static readonly TimeSpan TrialWaits = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<Flight, Task<Result<Found>>> _flights = new();
    private readonly ConcurrentDictionary<Trial, Lazy<Task<bool>>> _trials = new();

    /// <summary>
    /// A token that is valid for at least <paramref name="minValidity"/>, which is 30 minutes at most: half of a token's life.
    /// </summary>
    public async ValueTask<Result<HandOut>> GetAsync(ConnectionKey key, TimeSpan minValidity, CancellationToken cancellationToken)
    {
        if (memory.Find(key, minValidity) is { } known)
        {
            metrics.HandedOut("memory");
            return known;
        }

        try
        {
            // the flight goes on without its callers
            var found = await JoinFlight(new Flight(key, minValidity)).WaitAsync(CallerWaits, clock, cancellationToken);
            if (!found.Succeeded(out var token, out var failure))
            {
                return failure;
            }

            metrics.HandedOut(token.Source);
            return token.HandOut;
        }
        catch (TimeoutException)
        {
            return ConnectionFailures.RefreshInProgress;
        }
    }

    /// <summary>
    /// A caller's word that the provider refused the token with this hash. It is replaced, but not where the provider accepts it elsewhere,
    /// so that what it refused is an operation, nor where the grant had new ones shortly before: a provider that refuses those refuses the
    /// grant, and every further one would be taken from the budget of all.
    /// </summary>
    public async Task<Result<ReportedToken>> ReportAsync(ConnectionKey key, string sha256, CancellationToken cancellationToken)
    {
        ConnectionRow? row;
        await using (var context = db.For(key.Tenant))
        {
            row = await context.Connections.AsNoTracking().SingleOrDefaultAsync(row => row.Id == key.Id, cancellationToken);
        }

        if (row is null)
        {
            return ConnectionFailures.NotFound;
        }

        if (row.AccessTokenSha256 != sha256)
        {
            return ReportedToken.Kept;
        }

        var provider = providers[row.Provider];
        if (await IsAcceptedAsync(key, sha256, provider.PlaceOf(row.DataCentre), cancellationToken))
        {
            return ReportedToken.Accepted;
        }

        return provider.Refreshes.IsDocumented && await IsRenewedLatelyAsync(key.Tenant, row.GrantSha256, cancellationToken) ? ReportedToken.Kept
            : await ReplaceAsync(key, sha256, cancellationToken) ? ReportedToken.Replaced : ReportedToken.Kept;
    }

    /// <summary>A token that the provider gives now, see <see cref="TokenRefresher.GetFreshAsync"/>.</summary>
    public Task<Result<HandOut>> GetFreshAsync(ConnectionKey key) => refresher.GetFreshAsync(key);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What was sent to the provider is waited for, so that its answer is kept.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAny(Task.WhenAll(_flights.Values), Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));

    private async Task<bool> IsRenewedLatelyAsync(TenantId tenant, string grantSha256, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await RefreshBudget.IsRenewedLatelyAsync(context, grantSha256, clock.GetUtcNow(), cancellationToken);
    }

    // the provider is asked once for all who were refused at once
    private async Task<bool> IsAcceptedAsync(ConnectionKey key, string sha256, ProviderPlace place, CancellationToken cancellationToken)
    {
        var trial = KeyValuePair.Create(new Trial(key, sha256), new Lazy<Task<bool>>(() => TryAsync(key, sha256, place)));
        trial = KeyValuePair.Create(trial.Key, _trials.GetOrAdd(trial.Key, trial.Value));
        try
        {
            return await trial.Value.Value.WaitAsync(cancellationToken);
        }
        finally
        {
            _trials.TryRemove(trial);
        }
    }

    private async Task<bool> TryAsync(ConnectionKey key, string sha256, ProviderPlace place)
    {
        if (await refresher.FindAsync(key, TimeSpan.Zero) is not { } token || Secret.Sha256(token.AccessToken) != sha256)
        {
            return false;
        }

        try
        {
            return await place.Provider.AcceptsAsync(place, token.AccessToken).WaitAsync(TrialWaits, clock);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>
    /// Sees to it that the token with this hash is not handed out again. False: it is not the current one; whoever reported it was late.
    /// </summary>
    private async Task<bool> ReplaceAsync(ConnectionKey key, string sha256, CancellationToken cancellationToken)
    {
        await using var context = db.For(key.Tenant);
        var replaced = await context.Connections
            .Where(row => row.Id == key.Id && row.AccessTokenSha256 == sha256)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(row => row.AccessTokenSealed, (byte[]?)null)
                    .SetProperty(row => row.AccessTokenSha256, (string?)null)
                    .SetProperty(row => row.AccessTokenExpiresAt, (DateTimeOffset?)null)
                    .SetProperty(row => row.Version, row => row.Version + 1),
                cancellationToken);
        if (replaced == 0)
        {
            return false;
        }

        foreach (var version in await context.Connections.Where(row => row.Id == key.Id).Select(row => row.Version).ToListAsync(cancellationToken))
        {
            await cache.ForgetAsync(key, version);
        }

        return true;
    }

    private Task<Result<Found>> JoinFlight(Flight flight)
    {
        var landing = new TaskCompletionSource<Result<Found>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var joined = _flights.GetOrAdd(flight, landing.Task);
        if (joined == landing.Task)
        {
            _ = FlyAsync(flight, landing);
        }

        return joined;
    }

    private async Task FlyAsync(Flight flight, TaskCompletionSource<Result<Found>> landing)
    {
        try
        {
            var answer = await LookAsync(flight.Key, flight.MinValidity);
            _flights.TryRemove(flight, out _);
            landing.SetResult(answer);
        }
        catch (Exception e)
        {
            // the callers' exception: each that still waits gets it
            _flights.TryRemove(flight, out _);
            landing.SetException(e);
        }
    }

    private async Task<Result<Found>> LookAsync(ConnectionKey key, TimeSpan minValidity)
    {
        if (await cache.FindAsync(key) is { } shared && shared.IsValidAt(clock.GetUtcNow() + minValidity))
        {
            memory.Put(key, shared);
            return new Found(shared, "redis");
        }

        if (await refresher.FindAsync(key, minValidity) is { } stored)
        {
            return new Found(stored, "database");
        }

        var answer = await refresher.GetAsync(key, minValidity);
        return answer.Succeeded(out var token, out var failure) ? new Found(token, "refresh") : failure;
    }

    private sealed record Found(HandOut HandOut, string Source);

    // who asks for another validity must not get a token that is too old for it
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Flight(ConnectionKey Key, TimeSpan MinValidity);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Trial(ConnectionKey Key, string TokenSha256);
}

/// <summary>What came of a report that a token was refused.</summary>
internal enum ReportedToken
{
    /// <summary>It is not handed out again.</summary>
    Replaced,

    /// <summary>It was replaced before, or the grant had new tokens shortly before.</summary>
    Kept,

    /// <summary>The provider accepts it: what it refused is the operation.</summary>
    Accepted,
}
