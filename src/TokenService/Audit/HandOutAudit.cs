using System.Threading.Channels;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Audit;

/// <summary>
/// Writes down every hand-out, in batches and after the caller has its token. What waits here when the process is killed is lost: about a
/// second's worth. A database that is away stops nothing until <see cref="Waiting"/> entries wait; then callers wait too.
/// </summary>
internal sealed partial class HandOutAudit(TenantDb<TokensDbContext> db, TimeProvider clock, ILogger<HandOutAudit> logger)
    : BackgroundService
{
    private const int Waiting = 50_000;
    private const int Batch = 1_000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public ValueTask AddAsync(Caller caller, Guid connection, string purpose, HandOut handedOut, CancellationToken cancellationToken) =>
        _entries.Writer.WriteAsync(
            AuditEntry.Of(
                caller.Tenant,
                clock.GetUtcNow(),
                caller.Subject,
                AuditActions.TokenHandedOut,
                connection.ToString(),
                new { purpose, expires_at = handedOut.ExpiresAt }),
            cancellationToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // what waits is written before the process ends; the host's shutdown limit bounds it
        _entries.Writer.TryComplete();
        if (ExecuteTask is { } writing)
        {
            await Task.WhenAny(writing, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _entries.Reader.WaitToReadAsync(stoppingToken))
        {
            var batch = new List<AuditEntry>(Batch);
            while (batch.Count < Batch && _entries.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            foreach (var ofTenant in batch.GroupBy(entry => entry.TenantId))
            {
                await WriteAsync(ofTenant.Key, [.. ofTenant], stoppingToken);
            }
        }
    }

    private async Task WriteAsync(TenantId tenant, IReadOnlyList<AuditEntry> entries, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await using var context = db.For(tenant);
                await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
                await AuditChain.AppendAsync(context, entries, stoppingToken);
                await transaction.CommitAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotWritten(e, entries.Count);
                await Task.Delay(RetryAfter, clock, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} audit entries could not be written; trying again")]
    private partial void LogNotWritten(Exception exception, int count);
}
