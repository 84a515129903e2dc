using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>The only way into the audit.</summary>
public static class AuditInbox
{
    extension(TenantDbContext context)
    {
        /// <summary>
        /// Adds entries of the context's tenant, which are written with its next <c>SaveChanges</c> and thereby together with what they tell of.
        /// Nothing is read or locked: they get their numbers afterwards, in the order of their times.
        /// </summary>
        public void Audit(params IReadOnlyCollection<AuditEntry> entries)
        {
            context.AddRange(entries);
            // one look for all of them
            context.AddRange(entries.Take(1).Select(first => new QueuedChaining { TenantId = first.TenantId, Id = first.Id, DueAt = first.At }));
        }

        /// <summary>Writes entries of the context's tenant at once, in one statement: thousands in the time of hundreds.</summary>
        /// <param name="entries">One at least. Those of one moment are chained in this order.</param>
        /// <param name="cancellationToken">Ends the wait.</param>
        /// <exception cref="Npgsql.PostgresException">Unique violation: they were written before, all of them.</exception>
        public Task WriteAuditAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
        {
            var (tenant, first) = (context.Tenant.Value, entries[0]);
            return context.Database.ExecuteSqlAsync(
                $"""
                WITH written AS (
                    INSERT INTO audit_inbox (tenant_id, id, at, actor, from_address, trace_id, action, subject, details)
                    SELECT {tenant}, e.id, e.at, e.actor, e.from_address, e.trace_id, e.action, e.subject, e.details::json
                    FROM unnest(
                        {Each(entry => entry.Id)}, {Each(entry => entry.At)}, {Each(entry => entry.Actor)}, {Each(entry => entry.FromAddress)},
                        {Each(entry => entry.TraceId)}, {Each(entry => entry.Action)}, {Each(entry => entry.Subject)}, {Each(entry => entry.Details)})
                        WITH ORDINALITY AS e (id, at, actor, from_address, trace_id, action, subject, details, place)
                    ORDER BY e.place)
                INSERT INTO audit_queue (tenant_id, id, due_at) VALUES ({tenant}, {first.Id}, {first.At})
                """,
                cancellationToken);

            T[] Each<T>(Func<AuditEntry, T> part) => [.. entries.Select(part)];
        }
    }
}

/// <summary>Says that something of a tenant waits in the inbox.</summary>
internal sealed class QueuedChaining : QueuedWork
{
    public const string Table = "audit_queue";
}
