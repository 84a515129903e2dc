using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>
/// Reads a tenant's audit at this service, as the contract asks for it. What waits in the inbox is chained first: who has changed something and
/// asks at once sees it.
/// </summary>
public sealed class AuditReader
{
    private const int UsualPage = 50;
    private const int LargestPage = 200;
    private const int ExportPage = 1_000;
    private const int TraceDigits = 32;

    // a reader who waits for numbers that were there before would miss all that is written until they are there again
    private static readonly Failure CursorAhead = new(
        FailureKind.Precondition,
        "cursor_ahead",
        "More was seen here than is there now: entries were taken away, or the database was put back to an older copy. Verify the chain, and begin again without a cursor.");

    private readonly AuditDatabase _db;
    private readonly AuditChain _chain;

    internal AuditReader(AuditDatabase db, AuditChain chain) => (_db, _chain) = (db, chain);

    /// <summary>The service's short name, as its entries carry it.</summary>
    public string Service => _db.Service;

    /// <summary>All actions that are logged here.</summary>
    public IReadOnlyList<string> Actions => _db.Actions;

    /// <summary>A page: newest first, or what was chained after a number that the caller has seen.</summary>
    /// <exception cref="Grpc.Core.RpcException">What is asked for is refused: the field is named.</exception>
    public async Task<ListAuditEntriesResponse> ListAsync(
        TenantId tenant, ListAuditEntriesRequest request, CancellationToken cancellationToken)
    {
        var page = PageRequest.Of(request.PageSize, request.PageToken, UsualPage, LargestPage);
        var after = page.AfterMoment;
        var asked = Checked(request.Filter);
        if (request.HasAfterSequence && (after is not null || request.AfterSequence < 0))
        {
            throw Failure.InvalidField("after_sequence", "after_sequence is 0 or the last number that was seen, and goes with no page_token.").ToRpcException();
        }

        if (after is null)
        {
            await _chain.ExtendIfWaitingAsync(tenant, cancellationToken);
        }

        await using var context = _db.For(tenant);
        var entries = Matching(context, asked);
        if (request.HasAfterSequence)
        {
            var last = await context.Set<ChainedEntry>().MaxAsync(entry => (long?)entry.Sequence, cancellationToken) ?? 0;
            if (request.AfterSequence > last)
            {
                throw CursorAhead.ToRpcException();
            }

            var seen = await entries
                .Where(entry => entry.Sequence > request.AfterSequence)
                .OrderBy(entry => entry.Sequence)
                .Take(page.Size)
                .ToListAsync(cancellationToken);
            return new ListAuditEntriesResponse { Entries = { seen.Select(ToMessage) } };
        }

        if (after is var (at, service, number))
        {
            // of one moment, a service's entries stand together
            entries = string.CompareOrdinal(Service, service) switch
            {
                < 0 => entries.Where(entry => entry.At <= at),
                0 => entries.Where(entry => EF.Functions.LessThan(
                    ValueTuple.Create(entry.At, entry.Sequence), ValueTuple.Create(at, number))),
                > 0 => entries.Where(entry => entry.At < at),
            };
        }

        var read = await entries
            .OrderByDescending(entry => entry.At).ThenByDescending(entry => entry.Sequence)
            .Take(page.ToRead)
            .ToListAsync(cancellationToken);
        return new ListAuditEntriesResponse
        {
            Entries = { page.Take(read).Select(ToMessage) },
            NextPageToken = page.Next(read, entry => PageRequest.TokenOf(entry.At, Service, entry.Sequence)),
        };
    }

    /// <summary>All, oldest first. Between pages nothing is held in the database, however slowly they are read.</summary>
    /// <exception cref="Grpc.Core.RpcException">What is asked for is refused: the field is named.</exception>
    public async IAsyncEnumerable<AuditLogEntry> ExportAsync(
        TenantId tenant, ExportAuditEntriesRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = Checked(request.Filter);
        await _chain.ExtendIfWaitingAsync(tenant, cancellationToken);
        var (at, number) = (DateTimeOffset.UnixEpoch, 0L);
        List<ChainedEntry> page;
        do
        {
            await using (var context = _db.For(tenant))
            {
                page = await Matching(context, asked)
                    .Where(entry => EF.Functions.GreaterThan(
                        ValueTuple.Create(entry.At, entry.Sequence), ValueTuple.Create(at, number)))
                    .OrderBy(entry => entry.At).ThenBy(entry => entry.Sequence)
                    .Take(ExportPage)
                    .ToListAsync(cancellationToken);
            }

            foreach (var entry in page)
            {
                yield return ToMessage(entry);
                (at, number) = (entry.At, entry.Sequence);
            }
        }
        while (page.Count == ExportPage);
    }

    /// <summary>Follows the chain from its start.</summary>
    /// <exception cref="Grpc.Core.RpcException">What is said to be known cannot be.</exception>
    public async Task<VerifyChainResponse> VerifyAsync(TenantId tenant, VerifyChainRequest request, CancellationToken cancellationToken)
    {
        var check = new ChainCheck(request.Known);
        await _chain.ExtendIfWaitingAsync(tenant, cancellationToken);
        await using var context = _db.For(tenant);
        return await check.RunAsync(context, cancellationToken);
    }

    private AuditFilter Checked(AuditFilter? filter) => filter switch
    {
        null => new AuditFilter(),
        { Action: { Length: > 0 } action } when !Actions.Contains(action, StringComparer.Ordinal) =>
            throw Failure.InvalidField("action", $"action must be one of {string.Join(", ", Actions)}.").ToRpcException(),
        { Subject: { } subject } when subject.Any(char.IsControl) =>
            throw Failure.InvalidField("subject", "subject must not hold control characters.").ToRpcException(),
        { Subject: { } subject } when Guid.TryParse(subject, out _) => throw Failure.InvalidField(
            "subject", "subject must say of what kind it is, such as connection:, webhook: or sync: before the id.").ToRpcException(),
        { TraceId: { Length: > 0 } trace } when trace.Length != TraceDigits || !trace.All(char.IsAsciiHexDigitLower) => throw Failure.InvalidField(
            "trace_id", "trace_id must be 32 lower-case hex digits, as the log and a refusal name it.").ToRpcException(),
        _ => filter,
    };

    private static IQueryable<ChainedEntry> Matching(TenantDbContext context, AuditFilter filter)
    {
        var entries = context.Set<ChainedEntry>().AsNoTracking();
        if (filter.Subject is { Length: > 0 } subject)
        {
            entries = entries.Where(entry => entry.Subject == subject);
        }

        if (filter.Action is { Length: > 0 } action)
        {
            entries = entries.Where(entry => entry.Action == action);
        }

        if (filter.TraceId is { Length: > 0 } trace)
        {
            entries = entries.Where(entry => entry.TraceId == trace);
        }

        if (filter.From.MomentOf("filter.from") is { } from)
        {
            entries = entries.Where(entry => entry.At >= from);
        }

        if (filter.To.MomentOf("filter.to") is { } to)
        {
            entries = entries.Where(entry => entry.At < to);
        }

        return entries;
    }

    private AuditLogEntry ToMessage(ChainedEntry entry) => new()
    {
        Sequence = entry.Sequence,
        Id = entry.Id.ToString(),
        OccurredAt = entry.At.ToTimestamp(),
        Actor = entry.Actor,
        Action = entry.Action,
        Subject = entry.Subject,
        Details = entry.Details,
        Service = Service,
        FromAddress = entry.FromAddress,
        TraceId = entry.TraceId,
    };
}
