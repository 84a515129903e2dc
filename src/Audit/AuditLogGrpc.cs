using System.Globalization;
using Grpc.Core;
using Npgsql;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>The service's own audit, for the gateway, which puts all services' together.</summary>
internal sealed class AuditLogGrpc(AuditReader audit, TenantStatements statements, Tickets tickets) : AuditLog.AuditLogBase
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
        var known = KnownOf(request.Since);
        var now = 0L;
        List<AuditHead> read = [];
        // a database that was put back counts below what it was: all heads come anew
        await using var look = statements.CreateCommand(
            """
            SELECT look.number, head.tenant_id, head.sequence, head.hash, head.changed_in
            FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint) AS look (number)
            LEFT JOIN LATERAL (
                SELECT * FROM audit_heads
                WHERE changed_in >= CASE WHEN $1 <= look.number THEN $1 ELSE 0 END AND tenant_id > $2 ORDER BY tenant_id LIMIT $3) AS head ON true
            """);
        foreach (object value in (object[])[known, page.AfterId ?? Guid.Empty, page.ToRead])
        {
            look.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using (var rows = await look.ExecuteReaderAsync(context.CancellationToken))
        {
            while (await rows.ReadAsync(context.CancellationToken))
            {
                now = rows.GetInt64(0);
                if (!await rows.IsDBNullAsync(1, context.CancellationToken))
                {
                    read.Add(new AuditHead
                    {
                        TenantId = new TenantId(rows.GetGuid(1)),
                        Sequence = rows.GetInt64(2),
                        Hash = rows.GetFieldValue<byte[]>(3),
                        ChangedIn = rows.GetInt64(4),
                    });
                }
            }
        }

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

    // 0, which is before all, where it was another key that signed
    private long KnownOf(string since) =>
        since.Split('-', 2) is [var number, var key] && key == tickets.KeyId && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known)
            ? known
            : 0;
}
