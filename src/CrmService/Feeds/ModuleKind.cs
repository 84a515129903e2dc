using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>Modules as copies: each change gets the feed's next place, in the transaction in which the copy moves on.</summary>
internal sealed class ModuleKind(ModuleSource source, TimeProvider clock) : CopyKind<CrmDbContext>
{
    public const string KindName = "crm.module";

    public override string Name => KindName;

    public override CopySource Source => source;

    // Zoho tells by itself at once; a module takes some 580 of the smallest plan's 5,000 credits a day this way
    public override TimeSpan PollEvery => TimeSpan.FromMinutes(5);

    public override async Task WriteAsync(
        CrmDbContext context, CopyTarget copy, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken)
    {
        var last = await context.Database.SqlQuery<long>(
                $"UPDATE feeds SET position = position + {changes.Count} WHERE id = {copy.Id} RETURNING position AS \"Value\"")
            .ToListAsync(cancellationToken);
        var first = last.Single() - changes.Count + 1;
        var now = clock.GetUtcNow();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO feed_records (tenant_id, feed_id, record_id, position, modified_at, content)
            SELECT {copy.Tenant.Value}, {copy.Id}, c.record_id, {first} + c.n - 1, c.modified_at, c.content::jsonb
            FROM unnest(
                {changes.Select(change => change.Id).ToArray()},
                {changes.Select(change => (change.Record?.ModifiedAt ?? now).ToUniversalTime()).ToArray()},
                {changes.Select(change => change.Record?.Content.ToJsonString()).ToArray()}) WITH ORDINALITY AS c(record_id, modified_at, content, n)
            ON CONFLICT (tenant_id, feed_id, record_id) DO UPDATE SET
                position = excluded.position, modified_at = excluded.modified_at, content = excluded.content
            """,
            cancellationToken);
    }

    public override Task TellAsync(CrmDbContext context, CopyTarget copy, Failure cause, CancellationToken cancellationToken) => context.RaiseAsync(
        EventCatalogue.FeedFailed, $"feed:{copy.Id}", new { module = copy.Subject, connection_id = copy.ConnectionId, code = cause.Code }, clock.GetUtcNow(), cancellationToken);
}
