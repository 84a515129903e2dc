using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>
/// Where other services' chains of entries ended when the gateway last looked, kept where those services cannot write. They only ever go
/// forward: a head that is behind what is kept is not taken.
/// </summary>
internal sealed class KeptHeads(TenantDb<GatewayDbContext> database, IServiceProvider services)
{
    /// <summary>
    /// From where a look at each of the services goes on; one at which a replica has looked less than <paramref name="every"/> ago is not
    /// among them. Of several that ask at once one gets it. Nothing is held for the time of the look: of who dies in it, another one does
    /// the next.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> BeginLooksAsync(
        IEnumerable<string> services, DateTimeOffset now, TimeSpan every, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        // a look far in the future was made by a clock that was ahead, and must keep nobody from another; one of two at once is ahead by a moment
        return await context.Database
            .SqlQuery<Look>(
                $"""
                INSERT INTO audit_head_looks AS look (service, looked_at, since)
                SELECT service, {now}, '' FROM unnest({services.Order(StringComparer.Ordinal).ToArray()}) AS asked (service)
                ON CONFLICT (service) DO UPDATE SET looked_at = EXCLUDED.looked_at WHERE look.looked_at <= {now - every} OR look.looked_at > {now + every}
                RETURNING service, since
                """)
            .ToDictionaryAsync(look => look.Service, look => look.Since, StringComparer.Ordinal, cancellationToken);
    }

    /// <summary>All that the look found is kept.</summary>
    public async Task EndLookAsync(string service, string nextSince, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        await context.Database.ExecuteSqlAsync($"UPDATE audit_head_looks SET since = {nextSince} WHERE service = {service}", cancellationToken);
    }

    /// <summary>Takes the heads that are further than those that are kept, and of the same ones newer keys' signatures.</summary>
    public async Task KeepAsync(string service, IReadOnlyCollection<SignedHead> heads, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_kept_heads (tenant_id, service, sequence, hash, signature)
            SELECT head.tenant_id, {service}, head.sequence, head.hash, head.signature
            FROM unnest({heads.Select(head => Guid.Parse(head.TenantId)).ToArray()}, {heads.Select(head => head.Head.Sequence).ToArray()},
                {heads.Select(head => head.Head.Hash).ToArray()}, {heads.Select(head => head.Signature).ToArray()})
                AS head (tenant_id, sequence, hash, signature)
            ON CONFLICT (tenant_id, service) DO UPDATE
                SET sequence = EXCLUDED.sequence, hash = EXCLUDED.hash, signature = EXCLUDED.signature
                WHERE audit_kept_heads.sequence < EXCLUDED.sequence
                    -- signed with another key: the old one may be on its way out (the header of a JWT names its key)
                    OR (audit_kept_heads.sequence = EXCLUDED.sequence AND audit_kept_heads.hash = EXCLUDED.hash
                        AND split_part(audit_kept_heads.signature, '.', 1) <> split_part(EXCLUDED.signature, '.', 1))
            """,
            cancellationToken);
    }

    /// <summary>What is kept of a tenant, by service, and whether its service has signed it.</summary>
    public async Task<IReadOnlyDictionary<string, (ChainPoint Head, bool IsSigned)?>> OfAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        List<KeptHead> rows;
        await using (var context = database.ForNoTenant())
        {
            rows = await context.KeptHeads.AsNoTracking().Where(head => head.TenantId == tenant).ToListAsync(cancellationToken);
        }

        var kept = new Dictionary<string, (ChainPoint, bool)?>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var head = new ChainPoint { Sequence = row.Sequence, Hash = row.Hash };
            kept[row.Service] = (head, await IsSignedAsync(row.Service, new() { TenantId = tenant.ToString(), Head = head, Signature = row.Signature }));
        }

        return kept;
    }

    // absent where no service is set up
    public async Task<bool> IsSignedAsync(string service, SignedHead head) =>
        services.GetService<TicketCheck>() is { } trust && await trust.HasSignedAsync(service, head);

    private sealed record Look(string Service, string Since);
}
