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
    /// <summary>Takes the heads that are further than those that are kept.</summary>
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
}
