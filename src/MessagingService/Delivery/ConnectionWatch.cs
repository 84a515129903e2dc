using Microsoft.EntityFrameworkCore;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>Has a tenant's messages tried at once when its connection or its settings changed: what they wait for may be there.</summary>
internal sealed class ConnectionWatch(
    RedisServer redis, TenantDb<MessagingDbContext> db, [FromKeyedServices(MessagingDbContext.DeliveryQueue)] WorkQueue queue, TimeProvider clock,
    ILogger<ConnectionWatch> logger)
    : TokenChangeWatch(redis, logger)
{
    protected override async Task ChangedAsync(TokenChange change, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(change.Tenant);
        await context.Database.ExecuteSqlAsync(
            $"UPDATE follow_queue SET due_at = {now} WHERE tenant_id = {change.Tenant.Value} AND due_at > {now} AND claimed_by IS NULL",
            cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var woken = await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE delivery_queue SET due_at = {now},
                -- who works on it may be told by Zoho what is not true any more
                not_before = CASE WHEN claimed_by IS NOT NULL THEN '-infinity'::timestamptz END
            WHERE tenant_id = {change.Tenant.Value} AND (not_before > {now} OR claimed_by IS NOT NULL)
            """,
            cancellationToken);
        if (woken > 0)
        {
            // what was read through another connection is not true of this one
            await context.CrmStates.ExecuteUpdateAsync(
                set => set.SetProperty(state => state.ShapeReadAt, (DateTimeOffset?)null), cancellationToken);
            await WorkQueue.NotifyAsync(context, queue.Table, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }
}
