using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Settings;
using ZohoPlatform.TokenService.Webhooks;

namespace ZohoPlatform.TokenService.Secrets;

/// <summary>How many secrets there are, and how many of them an older key sealed.</summary>
/// <param name="All">Of all tenants.</param>
/// <param name="OnOlderKeys">Not sealed by the key that seals now.</param>
/// <param name="ByKey">Keys that sealed any of them, the one that seals now first.</param>
internal sealed record SealedValues(long All, long OnOlderKeys, IReadOnlyList<(Guid Key, long Values)> ByKey);

/// <summary>
/// Seals anew what an older key sealed. There is no job to keep: a value's key stands in the value, so that whoever comes next goes on
/// where another one was killed. Replicas work side by side; a row that one of them has is passed over by the others.
/// </summary>
internal sealed partial class Resealer : BackgroundService
{
    private const int Batch = 200;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    // a replica that had not read the ring yet may have sealed with the older key after all was done
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(5);

    private readonly TenantDb<TokensDbContext> _db;
    private readonly SecretRing _ring;
    private readonly Seals _seals;
    private readonly TimeProvider _clock;
    private readonly ILogger<Resealer> _logger;
    private long _left;

    public Resealer(
        TenantDb<TokensDbContext> db, SecretRing ring, Seals seals, TimeProvider clock, IMeterFactory meters, ILogger<Resealer> logger)
    {
        (_db, _ring, _seals, _clock, _logger) = (db, ring, seals, clock, logger);
        meters.Create("ZohoPlatform.TokenService").CreateObservableGauge(
            "tokens.values_on_older_keys",
            () => Volatile.Read(ref _left),
            description: "Sealed values of all tenants that an older data key sealed, as of the last look.");
    }

    /// <summary>Counts over all tenants, at this moment.</summary>
    public async Task<SealedValues> CountAsync(CancellationToken cancellationToken)
    {
        var byKey = new Dictionary<Guid, long>();
        var sealing = new Guid(_ring.SealingKey);
        foreach (var tenant in await _db.SealingTenantsAsync(cancellationToken))
        {
            await using var context = _db.For(tenant);
            var counts = await context.Database.SqlQuery<KeyCount>(
                $"""
                SELECT substring(value FROM 5 FOR 16) AS key, count(*) AS values
                FROM (SELECT secret_sealed AS value FROM client_secrets
                    UNION ALL SELECT refresh_token_sealed FROM revocations
                    UNION ALL SELECT secret_sealed FROM webhooks
                    UNION ALL SELECT refresh_token_sealed FROM connections
                    UNION ALL SELECT access_token_sealed FROM connections WHERE access_token_sealed IS NOT NULL) sealed
                GROUP BY 1
                """).ToListAsync(cancellationToken);
            foreach (var count in counts)
            {
                var key = new Guid(count.Key);
                byKey[key] = byKey.GetValueOrDefault(key) + count.Values;
            }
        }

        var all = byKey.Values.Sum();
        var older = all - byKey.GetValueOrDefault(sealing);
        Volatile.Write(ref _left, older);
        return new SealedValues(
            all,
            older,
            [.. byKey.OrderBy(key => key.Key != sealing).ThenByDescending(key => key.Value).Select(key => (key.Key, key.Value))]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _clock);
        (byte[] Key, DateTimeOffset At) finished = ([], DateTimeOffset.MinValue);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                _ring.Reload();
                var key = _ring.SealingKey;
                if (key.AsSpan().SequenceEqual(finished.Key) && _clock.GetUtcNow() - finished.At < LookAgainAfter)
                {
                    continue;
                }

                await ResealAllAsync(key, stoppingToken);
                if ((await CountAsync(stoppingToken)).OnOlderKeys == 0)
                {
                    finished = (key, _clock.GetUtcNow());
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    private async Task ResealAllAsync(byte[] key, CancellationToken stoppingToken)
    {
        var done = 0;
        foreach (var tenant in await _db.SealingTenantsAsync(stoppingToken))
        {
            done += (await ResealBatchAsync(
                tenant,
                context => context.ClientSecrets.FromSql(
                    $"SELECT * FROM client_secrets WHERE substring(secret_sealed FROM 5 FOR 16) <> {key} FOR UPDATE SKIP LOCKED"),
                row => row.SecretSealed = _seals.Reseal(SettingsStore.PlaceOf(tenant, row.Provider, row.DataCentre), row.SecretSealed),
                row => $"client secret {row.Provider} {row.DataCentre}",
                stoppingToken)).Count;
            done += (await ResealBatchAsync(
                tenant,
                context => context.Revocations.FromSql(
                    $"SELECT * FROM revocations WHERE substring(refresh_token_sealed FROM 5 FOR 16) <> {key} FOR UPDATE SKIP LOCKED"),
                row => row.RefreshTokenSealed = _seals.Reseal(Revocation.PlaceOf(tenant, row.Id), row.RefreshTokenSealed),
                row => $"revocation {row.Id}",
                stoppingToken)).Count;

            done += (await ResealBatchAsync(
                tenant,
                context => context.Webhooks.FromSql(
                    $"SELECT * FROM webhooks WHERE substring(secret_sealed FROM 5 FOR 16) <> {key} FOR UPDATE SKIP LOCKED"),
                row => row.SecretSealed = _seals.Reseal(WebhookRow.PlaceOf(tenant, row.Id), row.SecretSealed),
                row => $"webhook {row.Id}",
                stoppingToken)).Count;

            var after = Guid.Empty;
            IReadOnlyList<ConnectionRow> batch;
            do
            {
                batch = await ResealBatchAsync(
                    tenant,
                    context => context.Connections.FromSql(
                        $"""
                        SELECT * FROM connections
                        WHERE id > {after} AND (substring(refresh_token_sealed FROM 5 FOR 16) <> {key}
                            OR substring(access_token_sealed FROM 5 FOR 16) <> {key})
                        ORDER BY id LIMIT {Batch} FOR UPDATE SKIP LOCKED
                        """),
                    ResealConnection,
                    row => $"connection {row.Id}",
                    stoppingToken);
                done += batch.Count;
                after = batch.Count == 0 ? after : batch[^1].Id;
            }
            while (batch.Count == Batch);
        }

        if (done > 0)
        {
            LogResealed(done);
        }
    }

    private void ResealConnection(ConnectionRow row)
    {
        var refreshToken = _seals.Reseal(row.Place(ConnectionRow.RefreshTokenField), row.RefreshTokenSealed);
        if (row.AccessTokenSealed is { } accessToken)
        {
            row.AccessTokenSealed = _seals.Reseal(row.Place(ConnectionRow.AccessTokenField), accessToken);
        }

        row.RefreshTokenSealed = refreshToken;
    }

    // the rows stay locked until they are written: nothing that is sealed meanwhile by someone else is written over
    private async Task<IReadOnlyList<TRow>> ResealBatchAsync<TRow>(
        TenantId tenant,
        Func<TokensDbContext, IQueryable<TRow>> older,
        Action<TRow> reseal,
        Func<TRow, string> nameOf,
        CancellationToken stoppingToken)
    {
        await using var context = _db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
        var rows = await older(context).ToListAsync(stoppingToken);
        foreach (var row in rows)
        {
            try
            {
                reseal(row);
            }
            catch (CryptographicException e)
            {
                // it opens for nobody; it stays as it is and is counted
                LogShut(e, nameOf(row), tenant);
            }
        }

        await context.SaveChangesAsync(stoppingToken);
        await transaction.CommitAsync(stoppingToken);
        return rows;
    }

    private sealed record KeyCount(byte[] Key, long Values);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} rows are sealed with the newest key now")]
    private partial void LogResealed(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A sealed value does not open and was left as it is: {Value} of tenant {TenantId}")]
    private partial void LogShut(Exception exception, string value, TenantId tenantId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sealing anew did not work; it goes on with the next look")]
    private partial void LogFailed(Exception exception);
}
