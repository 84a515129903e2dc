using System.Globalization;
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
        // asked before the heads are read: what ends between the two comes again the next time, and is not missed
        var now = await tables.Database
            .SqlQuery<long>($"""SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS "Value" """)
            .SingleAsync(context.CancellationToken);
        var since = SinceOf(request.Since, now);
        var read = await tables.Set<AuditHead>()
            .FromSql($"SELECT * FROM audit_heads WHERE changed_in >= {since} AND tenant_id > {after.Value} ORDER BY tenant_id LIMIT {page.ToRead}")
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
            NextSince = string.Create(CultureInfo.InvariantCulture, $"{now}-{tickets.KeyId}"),
        };
    }

    // 0, which is before all, where it was another key that signed, or where the database was put back and counts below what it was
    private long SinceOf(string since, long now) =>
        since.Split('-', 2) is [var number, var key] && key == tickets.KeyId
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known) && known <= now
            ? known
            : 0;
}
