using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sealing;

// the names of tables and columns cannot be parameters; SealedColumn lets only names through, and a holder is a service's own code
#pragma warning disable EF1002

/// <summary>How many sealed values there are, and how many of them an older key sealed.</summary>
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

    // the other replicas have read the ring by then
    private static readonly TimeSpan BeginAfter = TimeSpan.FromSeconds(5);

    // nobody waits for it
    private static readonly TimeSpan GoOnAfter = TimeSpan.FromSeconds(30);

    // that there is another key can go unheard: of this replica, and of one that sealed with the older key after all was done
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(5);

    private readonly SealingDatabase _db;
    private readonly IReadOnlyList<SealedColumn> _columns;
    private readonly SecretRing _ring;
    private readonly Seals _seals;
    private readonly DatabaseSignal _anotherKey;
    private readonly TimeProvider _clock;
    private readonly ILogger<Resealer> _logger;
    private byte[] _key = [];
    private int _rounds;
    private long _left;

    public Resealer(
        SealingDatabase db, IEnumerable<SealedColumn> columns, SecretRing ring, Seals seals,
        [FromKeyedServices(KeyRing.Channel)] DatabaseSignal anotherKey, TimeProvider clock, IMeterFactory meters, ILogger<Resealer> logger)
    {
        (_db, _columns, _ring, _seals, _anotherKey, _clock, _logger) = (db, [.. columns], ring, seals, anotherKey, clock, logger);
        meters.Create("ZohoPlatform.Sealing").CreateObservableGauge(
            "sealing.values_on_older_keys",
            () => Volatile.Read(ref _left),
            description: "Sealed values of all tenants that an older data key sealed, as of the last look.");
    }

    /// <summary>Counts over all tenants, at this moment.</summary>
    public async Task<SealedValues> CountAsync(CancellationToken cancellationToken)
    {
        if (_columns.Count == 0)
        {
            return new SealedValues(0, 0, []);
        }

        var byKey = new Dictionary<Guid, long>();
        var sealing = new Guid(_ring.SealingKey);
        var values = string.Join(" UNION ALL ", _columns.Select(column => $"SELECT {column.Column} AS value FROM {column.Table}"));
        foreach (var tenant in await _db.TenantsAsync(cancellationToken))
        {
            await using var context = _db.For(tenant);
            var counts = await context.Database.SqlQueryRaw<KeyCount>(
                $"SELECT substring(value FROM 5 FOR 16) AS key, count(*) AS values FROM ({values}) sealed WHERE value IS NOT NULL GROUP BY 1")
                .ToListAsync(cancellationToken);
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
        var next = _clock.GetUtcNow() + BeginAfter;
        while (true)
        {
            try
            {
                if (await _anotherKey.WaitAsync(next, stoppingToken))
                {
                    // what is sealed from now on, the newest key seals
                    _ring.Reload();
                    var soon = _clock.GetUtcNow() + BeginAfter;
                    next = soon < next ? soon : next;
                }
                else
                {
                    next = _clock.GetUtcNow() + await LookAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
                next = _clock.GetUtcNow() + GoOnAfter;
            }
        }
    }

    // the answer is when to look again
    private async Task<TimeSpan> LookAsync(CancellationToken stoppingToken)
    {
        _ring.Reload();
        var key = _ring.SealingKey;
        if (!key.AsSpan().SequenceEqual(_key))
        {
            _rounds = _key.Length == 0 ? 1 : 2;
            _key = key;
        }

        if (_rounds > 0)
        {
            if ((await CountAsync(stoppingToken)).OnOlderKeys > 0)
            {
                await ResealAllAsync(key, stoppingToken);
                if ((await CountAsync(stoppingToken)).OnOlderKeys > 0)
                {
                    return GoOnAfter;
                }
            }

            _rounds--;
        }

        return LookAgainAfter;
    }

    private async Task ResealAllAsync(byte[] key, CancellationToken stoppingToken)
    {
        var done = 0;
        foreach (var tenant in await _db.TenantsAsync(stoppingToken))
        {
            foreach (var column in _columns)
            {
                done += await ResealColumnAsync(tenant, column, key, stoppingToken);
            }
        }

        if (done > 0)
        {
            LogResealed(done);
        }
    }

    private async Task<int> ResealColumnAsync(TenantId tenant, SealedColumn column, byte[] key, CancellationToken stoppingToken)
    {
        string[] rows;
        await using (var context = _db.For(tenant))
        {
            rows = await context.Database.SqlQueryRaw<string>(
                $"SELECT ctid::text FROM {column.Table} WHERE substring({column.Column} FROM 5 FOR 16) <> {{0}}", key).ToArrayAsync(stoppingToken);
        }

        var done = 0;
        foreach (var batch in rows.Chunk(Batch))
        {
            done += await ResealBatchAsync(tenant, column, key, batch, stoppingToken);
        }

        return done;
    }

    // the rows stay locked until they are written: nothing that is sealed meanwhile by someone else is written over
    private async Task<int> ResealBatchAsync(
        TenantId tenant, SealedColumn column, byte[] key, string[] places, CancellationToken stoppingToken)
    {
        await using var context = _db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
        // a row that was changed since has another place in its table, and is met at the next look
        var rows = await context.Database.SqlQueryRaw<Value>(
            $$"""
            SELECT ctid::text AS row, {{column.Holder}} AS holder, {{column.Column}} AS sealed FROM {{column.Table}}
            WHERE ctid = ANY ({0}::tid[]) AND substring({{column.Column}} FROM 5 FOR 16) <> {1} FOR UPDATE SKIP LOCKED
            """,
            places,
            key).ToListAsync(stoppingToken);
        var anew = new List<(string Row, byte[] Sealed)>();
        foreach (var row in rows)
        {
            try
            {
                anew.Add((row.Row, _seals.Reseal(new SecretPlace(tenant, row.Holder, column.Field), row.Sealed)));
            }
            catch (CryptographicException e)
            {
                // it opens for nobody; it stays as it is and is counted
                LogShut(e, $"{column.Table} {row.Holder} {column.Field}", tenant);
            }
        }

        // a locked row stays where it is, so that its place in the table names it
        await context.Database.ExecuteSqlRawAsync(
            $$"""
            UPDATE {{column.Table}} SET {{column.Column}} = anew.sealed
            FROM unnest({0}, {1}) AS anew (row, sealed) WHERE ctid = anew.row::tid
            """,
            [
                new NpgsqlParameter { Value = anew.Select(row => row.Row).ToArray() },
                new NpgsqlParameter { Value = anew.Select(row => row.Sealed).ToArray() },
            ],
            stoppingToken);
        await transaction.CommitAsync(stoppingToken);
        return anew.Count;
    }

    private sealed record KeyCount(byte[] Key, long Values);

    private sealed record Value(string Row, string Holder, byte[] Sealed);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} values are sealed with the newest key now")]
    private partial void LogResealed(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A sealed value does not open and was left as it is: {Value} of tenant {TenantId}")]
    private partial void LogShut(Exception exception, string value, TenantId tenantId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sealing anew did not work; it goes on with the next look")]
    private partial void LogFailed(Exception exception);
}
