using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Audit;

internal sealed class AuditLogGrpc(AuditReader audit) : AuditLog.AuditLogBase
{
    private const int UsualPage = 50;
    private const int LargestPage = 200;
    private const int Sha256Digits = 64;

    public override async Task<ListAuditEntriesResponse> ListEntries(ListAuditEntriesRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        if (request.PageSize is < 0 or > LargestPage)
        {
            throw Failure.InvalidField("page_size", $"page_size must be from 1 to {LargestPage}.").ToRpcException();
        }

        var before = long.MaxValue;
        if (request.PageToken.Length > 0
            && !long.TryParse(request.PageToken, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out before))
        {
            throw Failure.InvalidField(
                "page_token", "page_token is not one that a page ended with: begin again without it.").ToRpcException();
        }

        var size = request.PageSize == 0 ? UsualPage : request.PageSize;
        var found = await audit.PageAsync(caller.Tenant, QueryOf(request.Filter), before, size + 1, context.CancellationToken);
        return new ListAuditEntriesResponse
        {
            Entries = { found.Take(size).Select(ToMessage) },
            NextPageToken = found.Count > size ? found[size - 1].Sequence.ToString(CultureInfo.InvariantCulture) : "",
        };
    }

    public override async Task ExportEntries(
        ExportAuditEntriesRequest request, IServerStreamWriter<AuditLogEntry> responseStream, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        await foreach (var entry in audit.AllAsync(caller.Tenant, QueryOf(request.Filter), context.CancellationToken))
        {
            await responseStream.WriteAsync(ToMessage(entry));
        }
    }

    public override async Task<VerifyChainResponse> VerifyChain(VerifyChainRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        if (request.KnownSequence < 0)
        {
            throw Failure.InvalidField("known_sequence", "known_sequence must be the last_sequence of an earlier answer.").ToRpcException();
        }

        var hashFits = request.KnownSequence == 0
            ? request.KnownHash.Length == 0
            : request.KnownHash.Length == Sha256Digits && request.KnownHash.All(char.IsAsciiHexDigitLower);
        return hashFits
            ? await audit.VerifyAsync(caller.Tenant, request.KnownSequence, request.KnownHash, context.CancellationToken)
            : throw Failure.InvalidField(
                "known_hash", "known_hash must be the last_hash that came with known_sequence: 64 lower-case hex digits.").ToRpcException();
    }

    private static AuditQuery QueryOf(AuditFilter? filter)
    {
        if (filter is null)
        {
            return new AuditQuery(null, null, null, null);
        }

        var connection = Guid.Empty;
        if (filter.ConnectionId.Length > 0 && !Guid.TryParse(filter.ConnectionId, out connection))
        {
            throw Failure.InvalidField("connection_id", "connection_id is not a connection's id.").ToRpcException();
        }

        if (filter.Action.Length > 0 && !AuditActions.All.Contains(filter.Action, StringComparer.Ordinal))
        {
            throw Failure.InvalidField("action", $"action must be one of {string.Join(", ", AuditActions.All)}.").ToRpcException();
        }

        return new AuditQuery(
            filter.ConnectionId.Length == 0 ? null : connection.ToString(),
            filter.Action.Length == 0 ? null : filter.Action,
            filter.From?.ToDateTimeOffset(),
            filter.To?.ToDateTimeOffset());
    }

    private static AuditLogEntry ToMessage(AuditEntry entry) => new()
    {
        Sequence = entry.Sequence,
        Id = entry.Id.ToString(),
        OccurredAt = entry.At.ToTimestamp(),
        Actor = entry.Actor,
        Action = entry.Action,
        Subject = entry.Subject,
        Details = entry.Details,
    };
}
