using System.Diagnostics.Metrics;
using Npgsql;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
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

    private async Task<Count> CountAsync(CancellationToken stoppingToken)
    {
        var byState = States.ToDictionary(state => state, _ => 0L);
        await using var states = _db.Statements.CreateCommand(
            OfEveryTenant("SELECT state, count(*) AS n FROM connections WHERE tenant.is_said GROUP BY state", "found.state, sum(found.n)::bigint")
                + " GROUP BY found.state");
        await using (var rows = await states.ExecuteReaderAsync(stoppingToken))
        {
            while (await rows.ReadAsync(stoppingToken))
            {
                byState[(ConnectionState)rows.GetInt32(0)] += rows.GetInt64(1);
            }
        }

        var budgetLeft = _limited.Min(provider => provider.Refreshes.Budget);
        foreach (var provider in _limited)
        {
            var left = provider.Refreshes.InTenMinutes - (int)await MostRefreshedAsync(provider, stoppingToken);
            budgetLeft = left < budgetLeft ? left : budgetLeft;
        }

        return new Count(byState, budgetLeft);
    }

    // of a grant
    private async Task<long> MostRefreshedAsync(OAuthProvider provider, CancellationToken stoppingToken)
    {
        await using var command = _db.Statements.CreateCommand(OfEveryTenant(
            """
            SELECT count(*) AS n FROM refresh_attempts a
            WHERE tenant.is_said AND a.started_at > $1
                AND a.grant_sha256 IN (SELECT c.grant_sha256 FROM connections c WHERE c.provider = $2)
            GROUP BY a.grant_sha256
            """,
            "coalesce(max(found.n), 0)"));
        command.Parameters.Add(new NpgsqlParameter { Value = _clock.GetUtcNow() - RefreshBudget.Window });
        command.Parameters.Add(new NpgsqlParameter { Value = provider.Name });
        return (long)(await command.ExecuteScalarAsync(stoppingToken))!;
    }

    // one statement, which says each tenant before it looks at that one's rows. Tokens are sealed: all that have a connection are there
    private static string OfEveryTenant(string look, string answer) =>
        $"""
        SELECT {answer}
        FROM sealing_tenants one
        CROSS JOIN LATERAL (SELECT set_config('app.tenant_id', one.tenant_id::text, true) IS NOT NULL AS is_said OFFSET 0) tenant
        CROSS JOIN LATERAL ({look} OFFSET 0) found
        """;

    private IEnumerable<Measurement<long>> Connections() => _last is { } last
        ? last.ByState.Select(state => new Measurement<long>(
            state.Value, new KeyValuePair<string, object?>("state", state.Key.ToString().ToLowerInvariant())))
        : [];

    private IEnumerable<Measurement<int>> BudgetLeft() => _last is { BudgetLeft: { } left } ? [new Measurement<int>(left)] : [];

    private sealed record Count(IReadOnlyDictionary<ConnectionState, long> ByState, int? BudgetLeft);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connections could not be counted")]
    private partial void LogFailed(Exception exception);
}
