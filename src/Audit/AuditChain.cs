using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>Numbers what waits in a tenant's inbox and links it to what was there before.</summary>
internal sealed class AuditChain(AuditDatabase db)
{
    // how much stands behind one link at most, and in memory at once
    private const int LargestLink = 1_000;

    /// <summary>Empties the tenant's inbox as it is now. One at a time of all replicas: the second finds nothing left.</summary>
    public async Task ExtendAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        while (await ExtendOnceAsync(tenant, cancellationToken) == LargestLink)
        {
            // the next link
        }
    }

    /// <summary>As <see cref="ExtendAsync"/>, at the cost of one look where nothing waits.</summary>
    public async Task ExtendIfWaitingAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using (var context = db.For(tenant))
        {
            if (!await context.Set<AuditEntry>().AnyAsync(cancellationToken))
            {
                return;
            }
        }

        await ExtendAsync(tenant, cancellationToken);
    }

    private async Task<int> ExtendOnceAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockAsync($"audit {tenant}", cancellationToken);
        // who had no answer to a commit writes its entries again, and they may have been numbered meanwhile
        await context.Database.ExecuteSqlAsync(
            $"DELETE FROM audit_inbox i USING audit_entries e WHERE e.tenant_id = i.tenant_id AND e.id = i.id", cancellationToken);
        var entries = await context.Set<AuditEntry>().AsNoTracking()
            .OrderBy(entry => entry.At).ThenBy(entry => EF.Property<long>(entry, AuditTables.Arrival))
            .Take(LargestLink)
            .ToListAsync(cancellationToken);
        if (entries.Count > 0)
        {
            await LinkAsync(context, entries, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return entries.Count;
    }

    private static async Task LinkAsync(TenantDbContext context, List<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var before = await context.Set<AuditLink>().AsNoTracking()
            .OrderByDescending(link => link.LastSequence)
            .FirstOrDefaultAsync(cancellationToken);
        var start = (before?.LastSequence ?? 0) + 1;
        var last = start + entries.Count - 1;
        using var hash = ChainHash.Start(before?.Hash);
        for (var i = 0; i < entries.Count; i++)
        {
            ChainHash.Add(hash, entries[i], start + i);
        }

        var (tenant, linked) = (context.Tenant.Value, hash.GetHashAndReset());
        Guid[] ids = [.. entries.Select(entry => entry.Id)];
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_entries (tenant_id, sequence, id, at, actor, from_address, trace_id, action, subject, details)
            SELECT i.tenant_id, {start} + taken.place - 1, i.id, i.at, i.actor, i.from_address, i.trace_id, i.action, i.subject, i.details
            FROM unnest({ids}) WITH ORDINALITY AS taken (id, place) JOIN audit_inbox i ON i.tenant_id = {tenant} AND i.id = taken.id
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_links (tenant_id, first_sequence, last_sequence, hash) VALUES ({tenant}, {start}, {last}, {linked});
            INSERT INTO audit_heads (tenant_id, sequence, hash, changed_in)
                VALUES ({tenant}, {last}, {linked}, pg_current_xact_id()::text::bigint)
                ON CONFLICT (tenant_id) DO UPDATE
                    SET sequence = EXCLUDED.sequence, hash = EXCLUDED.hash, changed_in = EXCLUDED.changed_in;
            DELETE FROM audit_inbox WHERE tenant_id = {tenant} AND id = ANY ({ids})
            """,
            cancellationToken);
    }
}
