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

    private readonly AuditDatabase _db;
    private readonly AuditChain _chain;

    internal AuditReader(AuditDatabase db, AuditChain chain) => (_db, _chain) = (db, chain);

    /// <summary>The service's short name, as its entries carry it.</summary>
    public string Service => _db.Service;

    /// <summary>All actions that are logged here.</summary>
    public IReadOnlyList<string> Actions => _db.Actions;

    /// <summary>A page, newest first.</summary>
    /// <exception cref="Grpc.Core.RpcException">What is asked for is refused: the field is named.</exception>
    public async Task<ListAuditEntriesResponse> ListAsync(
        TenantId tenant, ListAuditEntriesRequest request, CancellationToken cancellationToken)
    {
        var page = PageRequest.Of(request.PageSize, request.PageToken, UsualPage, LargestPage);
        var after = page.AfterMoment;
        var asked = Checked(request.Filter);
        if (after is null)
        {
            await _chain.ExtendIfWaitingAsync(tenant, cancellationToken);
        }

        await using var context = _db.For(tenant);
        var entries = Matching(context, asked);
        if (after is var (at, id))
        {
            entries = entries.Where(entry => EF.Functions.LessThan(
                ValueTuple.Create(entry.At, entry.Id), ValueTuple.Create(at, id)));
        }

        var read = await entries
            .OrderByDescending(entry => entry.At).ThenByDescending(entry => entry.Id)
            .Take(page.ToRead)
            .ToListAsync(cancellationToken);
        return new ListAuditEntriesResponse
        {
            Entries = { page.Take(read).Select(ToMessage) },
            NextPageToken = page.Next(read, entry => PageRequest.TokenOf(entry.At, entry.Id)),
        };
    }

    /// <summary>All, oldest first. Between pages nothing is held in the database, however slowly they are read.</summary>
    /// <exception cref="Grpc.Core.RpcException">What is asked for is refused: the field is named.</exception>
    public async IAsyncEnumerable<AuditLogEntry> ExportAsync(
        TenantId tenant, ExportAuditEntriesRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = Checked(request.Filter);
        await _chain.ExtendIfWaitingAsync(tenant, cancellationToken);
        var (at, id) = (DateTimeOffset.UnixEpoch, Guid.Empty);
        List<ChainedEntry> page;
        do
        {
            await using (var context = _db.For(tenant))
            {
                page = await Matching(context, asked)
                    .Where(entry => EF.Functions.GreaterThan(
                        ValueTuple.Create(entry.At, entry.Id), ValueTuple.Create(at, id)))
                    .OrderBy(entry => entry.At).ThenBy(entry => entry.Id)
                    .Take(ExportPage)
                    .ToListAsync(cancellationToken);
            }

            foreach (var entry in page)
            {
                yield return ToMessage(entry);
                (at, id) = (entry.At, entry.Id);
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

        if (filter.From?.ToDateTimeOffset() is { } from)
        {
            entries = entries.Where(entry => entry.At >= from);
        }

        if (filter.To?.ToDateTimeOffset() is { } to)
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
    };
}
