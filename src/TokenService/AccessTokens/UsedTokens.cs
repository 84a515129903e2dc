using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Queues a connection to be refreshed ahead when its token is handed out for the first time. Written in
/// batches and after the caller has its token; what a killed process had not written yet costs one caller a wait.
/// </summary>
internal sealed partial class UsedTokens(TenantDb<TokensDbContext> db, TimeProvider clock, ILogger<UsedTokens> logger) : BackgroundService
{
    /// <summary>A token is replaced when it has at most this much life left.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    /// <summary>And at most this much later: seven minutes before its end.</summary>
    public static readonly TimeSpan Spread = TimeSpan.FromMinutes(3);

    private const int Batch = 1_000;

    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<ConnectionKey, Use> _uses = new();

    public void Note(ConnectionKey key, HandOut token)
    {
        // nearly every hand-out ends here
        if (_uses.TryGetValue(key, out var known) && known.Version >= token.Version)
        {
            return;
        }

        // a token that lives for minutes only would be replaced again and again, and use up the connection's budget
        if (token.ExpiresAt - clock.GetUtcNow() > Ahead)
        {
            _uses[key] = new Use(token.Version, token.ExpiresAt);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WriteEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotWritten(e);
            }
        }
    }

    private async Task WriteAsync(CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        foreach (var ended in _uses.Where(entry => entry.Value.ExpiresAt < now))
        {
            _uses.TryRemove(ended);
        }

        // in one order, so that replicas that write at once wait for each other and do not lock each other out
        var unwritten = _uses.Where(entry => !entry.Value.IsWritten)
            .OrderBy(entry => entry.Key.Tenant.Value).ThenBy(entry => entry.Key.Id);
        foreach (var batch in unwritten.Chunk(Batch))
        {
            var tenants = batch.Select(entry => entry.Key.Tenant.Value).ToArray();
            var ids = batch.Select(entry => entry.Key.Id).ToArray();
            var due = batch.Select(entry => entry.Value.ExpiresAt - Ahead + Jitter()).ToArray();
            var until = batch.Select(entry => entry.Value.ExpiresAt).ToArray();

            await using var context = db.ForNoTenant();
            // a token that another replica noted before, and one that is an older one by now, change nothing
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO refresh_queue (tenant_id, id, due_at, until)
                SELECT * FROM unnest({tenants}, {ids}, {due}, {until})
                ON CONFLICT (tenant_id, id) DO UPDATE
                SET due_at = excluded.due_at, until = excluded.until, attempts = 0, claimed_by = NULL, claimed_until = NULL
                WHERE refresh_queue.until < excluded.until
                """,
                stoppingToken);
            foreach (var (_, use) in batch)
            {
                use.IsWritten = true;
            }
        }
    }

    // connections that were made in one go do not ask the provider in one go
    private static TimeSpan Jitter() => TimeSpan.FromSeconds(Random.Shared.NextDouble() * Spread.TotalSeconds);

    private sealed class Use(long version, DateTimeOffset expiresAt)
    {
        public long Version { get; } = version;

        public DateTimeOffset ExpiresAt { get; } = expiresAt;

        /// <summary>Of the writer alone.</summary>
        public bool IsWritten { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Which tokens are used could not be written; trying again")]
    private partial void LogNotWritten(Exception exception);
}
