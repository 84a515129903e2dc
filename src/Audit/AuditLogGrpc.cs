using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>The service's own audit, for the gateway, which puts all services' together.</summary>
internal sealed class AuditLogGrpc(AuditReader audit, AuditDatabase db, Tickets tickets) : AuditLog.AuditLogBase
{
    private const int HeadsAtOnce = 1_000;

    public override Task<ListAuditEntriesResponse> ListEntries(ListAuditEntriesRequest request, ServerCallContext context) =>
        audit.ListAsync(context.CallerWith(Role.Admin).Tenant, request, context.CancellationToken);

    public override async Task ExportEntries(
        ExportAuditEntriesRequest request, IServerStreamWriter<AuditLogEntry> responseStream, ServerCallContext context)
    {
        await foreach (var entry in audit.ExportAsync(context.CallerWith(Role.Admin).Tenant, request, context.CancellationToken))
        {
            await responseStream.WriteAsync(entry);
        }
    }

    public override Task<ListAuditActionsResponse> ListActions(ListAuditActionsRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Admin);
        return Task.FromResult(new ListAuditActionsResponse { Actions = { audit.Actions } });
    }

    public override Task<VerifyChainResponse> VerifyChain(VerifyChainRequest request, ServerCallContext context) =>
        audit.VerifyAsync(context.CallerWith(Role.Admin).Tenant, request, context.CancellationToken);

    public override async Task<ListAuditHeadsResponse> ListHeads(ListAuditHeadsRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        var page = PageRequest.Of(request.PageSize, request.PageToken, HeadsAtOnce, HeadsAtOnce);
        var after = new TenantId(page.AfterId ?? Guid.Empty);
        await using var tables = db.For(TenantId.None);
        var read = await tables.Set<AuditHead>()
            .FromSql($"SELECT * FROM audit_heads WHERE tenant_id > {after.Value} ORDER BY tenant_id LIMIT {page.ToRead}")
            .AsNoTracking()
            .ToListAsync(context.CancellationToken);
        return new ListAuditHeadsResponse
        {
            Heads =
            {
                page.Take(read).Select(row =>
                    tickets.Sign(row.TenantId, new ChainPoint { Sequence = row.Sequence, Hash = Convert.ToHexStringLower(row.Hash) })),
            },
            NextPageToken = page.Next(read, row => PageRequest.TokenOf(row.TenantId.Value)),
        };
    }
}
