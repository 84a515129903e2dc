using System.Runtime.InteropServices;
using System.Threading.Channels;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Writes down every hand-out, in batches and after the caller has its token. One entry tells of all hand-outs of one second that differ in
/// nothing but their moment, and has each one's moment. What waits here when the process is killed is lost: about a second's worth. A
/// database that is away stops nothing until <see cref="Waiting"/> hand-outs wait; then callers wait too.
/// </summary>
internal sealed partial class HandOutAudit(TenantDb<TokensDbContext> db, TimeProvider clock, ILogger<HandOutAudit> logger)
    : BackgroundService
{
    private const int Waiting = 50_000;
    private const int WrittenAtOnce = 1_000;

    private static readonly TimeSpan Gathered = TimeSpan.FromSeconds(1);

    // callers wait for none of it: what they hand in is taken many times before it is written
    private static readonly TimeSpan TakenEvery = TimeSpan.FromMilliseconds(50);

    // a page of two hundred entries must go into one message
    private const int MostMoments = 500;
    private const int MostGathered = 8 * Waiting;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Channel<HandedOut> _handOuts = Channel.CreateBounded<HandedOut>(
        new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TaskCompletionSource _last = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask AddAsync(Caller caller, Guid connection, string purpose, HandOut handedOut, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return _handOuts.Writer.WriteAsync(
            new HandedOut(
                new HandOutKind(caller, connection, purpose, handedOut.ExpiresAt, now.ToUnixTimeSeconds()),
                now),
            cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // what waits is written before the process ends; the host's shutdown limit bounds it
        _handOuts.Writer.TryComplete();
        _last.TrySetResult();
        if (ExecuteTask is { } writing)
        {
            await Task.WhenAny(writing, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _handOuts.Reader.WaitToReadAsync(stoppingToken))
        {
            // many of a moment are one entry, and one write
            var batch = new Dictionary<HandOutKind, List<DateTimeOffset>>();
            var (read, until) = (0, clock.GetUtcNow() + Gathered);
            do
            {
                await Task.WhenAny(_last.Task, Task.Delay(TakenEvery, clock, stoppingToken));
                for (; read < MostGathered && _handOuts.Reader.TryRead(out var handedOut); read++)
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(batch, handedOut.Kind, out _) ??= []).Add(handedOut.At);
                }
            }
            while (read < MostGathered && clock.GetUtcNow() < until && !_last.Task.IsCompleted);

            foreach (var ofTenant in batch.GroupBy(kind => kind.Key.Caller.Tenant))
            {
                foreach (var entries in ofTenant.SelectMany(EntriesOf).Chunk(WrittenAtOnce))
                {
                    await WriteAsync(ofTenant.Key, entries, stoppingToken);
                }
            }
        }
    }

    private static IEnumerable<AuditEntry> EntriesOf(KeyValuePair<HandOutKind, List<DateTimeOffset>> handOuts)
    {
        handOuts.Value.Sort();
        return handOuts.Value.Chunk(MostMoments).Select(moments => EntryOf(handOuts.Key, moments));
    }

    private static AuditEntry EntryOf(HandOutKind kind, DateTimeOffset[] moments)
    {
        var first = moments[0];
        return AuditEntry.Of(
            kind.Caller,
            first,
            AuditActions.TokenHandedOut,
            ConnectionIds.SubjectOf(kind.Connection),
            new
            {
                purpose = kind.Purpose,
                expires_at = kind.TokenExpiresAt,
                times = moments.Length,
                later_us = moments.Skip(1).Select(at => (at - first).Ticks / TimeSpan.TicksPerMicrosecond),
            });
    }

    private async Task WriteAsync(TenantId tenant, AuditEntry[] entries, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await using var context = db.For(tenant);
                await context.WriteAuditAsync(entries, stoppingToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation)
            {
                // the try before had no answer, and was written all the same
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotWritten(e, entries.Length);
                await Task.Delay(RetryAfter, clock, stoppingToken);
            }
        }
    }

    /// <summary>All that hand-outs of one entry have in common.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct HandOutKind(Caller Caller, Guid Connection, string Purpose, DateTimeOffset TokenExpiresAt, long Second)
    {
        // the others differ seldom where these are the same, and cost more
        public override int GetHashCode() => HashCode.Combine(Connection, Second, string.GetHashCode(Purpose, StringComparison.Ordinal));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct HandedOut(HandOutKind Kind, DateTimeOffset At);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} audit entries could not be written; trying again")]
    private partial void LogNotWritten(Exception exception, int count);
}
