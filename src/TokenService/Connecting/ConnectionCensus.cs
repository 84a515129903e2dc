using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>
/// Counts the connections of all tenants once a minute, for the meter <c>ZohoPlatform.TokenService</c>. Every replica counts the same
/// rows: take one of them, or the maximum.
/// </summary>
internal sealed partial class ConnectionCensus : BackgroundService
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(1);
    private static readonly ConnectionState[] States = [ConnectionState.Active, ConnectionState.Revoked, ConnectionState.Misconfigured];

    private readonly TenantDb<TokensDbContext> _db;
    private readonly TimeProvider _clock;
    private readonly ILogger<ConnectionCensus> _logger;
    private readonly IReadOnlyList<OAuthProvider> _limited;
    private volatile Count? _last;

    public ConnectionCensus(
        TenantDb<TokensDbContext> db, ProviderCatalogue providers, TimeProvider clock, IMeterFactory meters, ILogger<ConnectionCensus> logger)
    {
        (_db, _clock, _logger) = (db, clock, logger);
        _limited = [.. providers.All.Where(provider => provider.Refreshes.IsDocumented)];
        var meter = meters.Create("ZohoPlatform.TokenService");
        meter.CreateObservableGauge(
            "tokens.connections", Connections, description: "Connections of all tenants by state, as of the last minute.");
        meter.CreateObservableGauge(
            "tokens.budget_left",
            BudgetLeft,
            description: "Refreshes left in the running ten minutes to the grant that has least.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CountEvery, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                _last = await CountAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    // a connection's tokens are sealed: all that have one are among them
    private async Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken stoppingToken)
    {
        await using var context = _db.ForNoTenant();
        return await context.SealingTenantsAsync(stoppingToken);
    }

    private async Task<Count> CountAsync(CancellationToken stoppingToken)
    {
        var byState = States.ToDictionary(state => state, _ => 0L);
        var budgetLeft = _limited.Min(provider => provider.Refreshes.Budget);
        foreach (var tenant in await TenantsAsync(stoppingToken))
        {
            await using var context = _db.For(tenant);
            var counts = await context.Connections
                .GroupBy(row => row.State)
                .Select(rows => new { State = rows.Key, Count = rows.LongCount() })
                .ToListAsync(stoppingToken);
            foreach (var count in counts)
            {
                byState[count.State] += count.Count;
            }

            foreach (var provider in _limited)
            {
                var left = await RefreshBudget.LeastLeftAsync(context, provider, _clock.GetUtcNow(), stoppingToken);
                budgetLeft = left < budgetLeft ? left : budgetLeft;
            }
        }

        return new Count(byState, budgetLeft);
    }

    private IEnumerable<Measurement<long>> Connections() => _last is { } last
        ? last.ByState.Select(state => new Measurement<long>(
            state.Value, new KeyValuePair<string, object?>("state", state.Key.ToString().ToLowerInvariant())))
        : [];

    private IEnumerable<Measurement<int>> BudgetLeft() => _last is { BudgetLeft: { } left } ? [new Measurement<int>(left)] : [];

    private sealed record Count(IReadOnlyDictionary<ConnectionState, long> ByState, int? BudgetLeft);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connections could not be counted")]
    private partial void LogFailed(Exception exception);
}
