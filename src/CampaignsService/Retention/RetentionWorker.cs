using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Retention;

/// <summary>
/// Once a day, for each tenant, deletes the registrations and syncs that are older than <see cref="RetentionOptions.Days"/>.
/// </summary>
internal sealed partial class RetentionWorker(
    [FromKeyedServices(RetentionWorker.Queue)] WorkQueue queue,
    TenantDb<CampaignsDbContext> db,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    ILogger<RetentionWorker> logger) : BackgroundService
{
    /// <summary>
    /// The table of whose turn it is when: one row for each tenant, with the tenant's id as the item's own. A trigger adds it, due a day later,
    /// when the tenant's settings are made (<c>CampaignsFunctions</c>); the worker defers it by a day each time, and it goes with the tenant.
    /// </summary>
    public const string Queue = "retention_queue";

    private const int AtOnce = 2;

    // no lock is held for longer than so many rows take
    private const int RowsAtOnce = 1_000;

    private static readonly TimeSpan Every = TimeSpan.FromDays(1);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new QueueWorker(queue, clock, logger) { AtOnce = AtOnce, Run = SweepAsync, RetryAfter = _ => LookAgainAfter }.RunAsync(stoppingToken);

    private async Task SweepAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        var now = clock.GetUtcNow();
        if (options.Value.Days > 0)
        {
            var before = now - TimeSpan.FromDays(options.Value.Days);
            var registrations = await DeleteRegistrationsAsync(item.Tenant, before, stoppingToken);
            var syncs = await HideSyncsAsync(item.Tenant, before, stoppingToken);
            if (registrations + syncs > 0)
            {
                LogSwept(item.Tenant, registrations, syncs, options.Value.Days);
            }
        }

        await queue.DeferAsync(item, now + Every, lost);
    }

    private async Task<int> DeleteRegistrationsAsync(TenantId tenant, DateTimeOffset before, CancellationToken stoppingToken)
    {
        var all = 0;
        while (true)
        {
            await using var context = db.For(tenant);
            var deleted = await context.Registrations
                .Where(one => one.UpdatedAt < before && one.Status != RegistrationStatus.Pending && one.Status != RegistrationStatus.Retrying)
                .Take(RowsAtOnce)
                .ExecuteDeleteAsync(stoppingToken);
            if (deleted == 0)
            {
                return all;
            }

            all += deleted;
        }
    }

    // their ledgers go in the background, as those that a person deletes
    private async Task<int> HideSyncsAsync(TenantId tenant, DateTimeOffset before, CancellationToken stoppingToken)
    {
        await using var context = db.For(tenant);
        var old = await context.Syncs.Where(one => one.EndedAt < before).Select(one => one.Id).ToListAsync(stoppingToken);
        foreach (var id in old)
        {
            await using var transaction = await context.Database.BeginTransactionAsync(stoppingToken);
            await SyncExpiry.HideAsync(await context.OpenAsync(stoppingToken), id, clock.GetUtcNow(), stoppingToken);
            await transaction.CommitAsync(stoppingToken);
        }

        return old.Count;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Tenant {TenantId}: {Registrations} registrations and {Syncs} syncs that ended more than {Days} days ago deleted")]
    private partial void LogSwept(TenantId tenantId, int registrations, int syncs, int days);
}
