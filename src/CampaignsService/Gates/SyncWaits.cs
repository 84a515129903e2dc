using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Zoho.Campaigns;

namespace ZohoPlatform.CampaignsService.Gates;

/// <summary>Lets a tenant's syncs go on that wait for a connection or a setting, as soon as it is another one. Those that a person paused stay.</summary>
internal static class SyncWaits
{
    private static readonly string[] NoSuchList = [CampaignsFailures.ListNotFound.Code, CampaignsFailures.ListDeletedCode];

    /// <summary>
    /// Has those that miss a connection look for it now. What Zoho itself answered is left alone, as <see cref="PushGate.TryNowAsync"/> does.
    /// </summary>
    /// <returns>How many look.</returns>
    public static Task<int> TryNowAsync(CampaignsDbContext context, DateTimeOffset now, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE sync_work w SET due_at = {now} FROM syncs s
            WHERE s.tenant_id = w.tenant_id AND s.id = w.id AND s.state = {(int)SyncState.Paused} AND s.waits_until IS NOT NULL AND w.due_at > {now}
            """,
            cancellationToken);

    /// <summary>
    /// Gives the list that is set now to those that found the one from before nowhere at Zoho, and lets them begin anew. Nothing of them
    /// was pushed by then.
    /// </summary>
    public static async Task ChangeListAsync(
        CampaignsDbContext context, string before, string after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = await context.Database.SqlQuery<Guid>(
            $"""
            UPDATE syncs SET event = event + 1, state = {(int)SyncState.Queued}, list_key = {after}, code = NULL, message = NULL, failures = 0,
                list_asked_at = NULL
            WHERE state = {(int)SyncState.Paused} AND list_key = {before} AND NOT prepared AND code = ANY({NoSuchList})
            RETURNING id
            """).ToListAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"UPDATE sync_work SET due_at = {now} WHERE tenant_id = {context.Tenant.Value} AND id = ANY({ids})", cancellationToken);
    }
}
