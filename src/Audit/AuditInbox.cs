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
    }
}

/// <summary>Says that something of a tenant waits in the inbox.</summary>
internal sealed class QueuedChaining : QueuedWork
{
    public const string Table = "audit_queue";
}
