using System.Runtime.CompilerServices;
using Grpc.Core;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>
/// All services' audits, and the gateway's own, in one order: by time, and of one moment by service and number, which is the order that each of
/// them has.
/// </summary>
internal sealed class AuditSources(IEnumerable<AuditSource> sources, KeptHeads heads)
{
    private const int UsualPage = 50;

    private readonly List<AuditSource> _all = [.. sources];

    /// <summary>Newest first.</summary>
    public async Task<ListAuditEntriesResponse> ListAsync(ServiceCall call, string? service, ListAuditEntriesRequest request)
    {
        request = new ListAuditEntriesRequest(request) { PageSize = request.PageSize == 0 ? UsualPage : request.PageSize };
        var asked = await WhereAsync(call, service, request.Filter);
        // a page ends at a moment, and the next one begins there at every service: one token for all of them
        var pages = await Task.WhenAll(asked.Select(source => source.ListAsync(call, request)));
        var found = pages.SelectMany(page => page.Entries).OrderDescending(InOrder).ToList();
        var entries = found.Take(request.PageSize).ToList();
        var isLast = found.Count == entries.Count && pages.All(page => page.NextPageToken.Length == 0);
        return new ListAuditEntriesResponse
        {
            Entries = { entries },
            NextPageToken = isLast ? "" : TokenOf(entries[^1]),
        };

        static string TokenOf(AuditLogEntry last) => PageRequest.TokenOf(last.OccurredAt.ToDateTimeOffset(), last.Service, last.Sequence);
    }

    /// <summary>
    /// What each service wrote after what the cursor says was seen of it, in the order of its numbers: whatever is chained later has a higher one.
    /// </summary>
    public async Task<(IReadOnlyList<AuditLogEntry> Entries, AuditCursor Cursor)> FollowAsync(
        ServiceCall call, string? service, AuditFilter filter, int pageSize, AuditCursor after)
    {
        var size = pageSize == 0 ? UsualPage : pageSize;
        var asked = await WhereAsync(call, service, filter);
        var pages = await Task.WhenAll(asked.Select(source => source.ListAsync(
            call, new() { Filter = filter, PageSize = size, AfterSequence = after.Of(source.Service) })));
        // the oldest of those that are next at each service: none goes before what its service wrote before it
        var next = new PriorityQueue<Queue<AuditLogEntry>, AuditLogEntry>(InOrder);
        foreach (var page in pages.Where(page => page.Entries.Count > 0))
        {
            next.Enqueue(new Queue<AuditLogEntry>(page.Entries), page.Entries[0]);
        }

        var entries = new List<AuditLogEntry>(size);
        while (entries.Count < size && next.TryDequeue(out var waiting, out _))
        {
            entries.Add(waiting.Dequeue());
            if (waiting.TryPeek(out var following))
            {
                next.Enqueue(waiting, following);
            }
        }

        return (entries, after.With(entries));
    }

    /// <summary>Oldest first. Every service is read as fast as the result is.</summary>
    public async IAsyncEnumerable<AuditLogEntry> ExportAsync(
        ServiceCall call, TimeSpan limit, string? service, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = new PriorityQueue<IAsyncEnumerator<AuditLogEntry>, AuditLogEntry>(InOrder);
        var open = new List<IAsyncEnumerator<AuditLogEntry>>();
        try
        {
            foreach (var source in await WhereAsync(call, service, filter))
            {
                var entries = source.ExportAsync(call, limit, filter, cancellationToken).GetAsyncEnumerator(cancellationToken);
                open.Add(entries);
                if (await entries.MoveNextAsync())
                {
                    next.Enqueue(entries, entries.Current);
                }
            }

            while (next.TryDequeue(out var entries, out var entry))
            {
                yield return entry;
                if (await entries.MoveNextAsync())
                {
                    next.Enqueue(entries, entries.Current);
                }
            }
        }
        finally
        {
            foreach (var entries in open)
            {
                await entries.DisposeAsync();
            }
        }
    }

    /// <summary>Every chain against what is known of it: the ends that the gateway has kept, and those that the caller has.</summary>
    public async Task<IReadOnlyList<(string Service, VerifyChainResponse? Chain, Failure? Missing)>> VerifyAsync(
        ServiceCall call, TimeSpan limit, ILookup<string, ChainPoint> known)
    {
        var kept = await heads.OfAsync(call.Caller.Tenant, call.Options.CancellationToken);
        var results = await Task.WhenAll(_all.Select(source => VerifyAsync(source)));
        // one that was here once and is not set up now has entries that nobody looks at
        return [.. results, .. kept.Keys.Except(_all.Select(source => source.Service), StringComparer.Ordinal).Select(gone => (
            gone, (VerifyChainResponse?)null, (Failure?)new Failure(FailureKind.Unavailable, "service_not_configured", "The gateway has no address of this service.")))];

        async Task<(string, VerifyChainResponse?, Failure?)> VerifyAsync(AuditSource source)
        {
            var request = new VerifyChainRequest { Known = { known[source.Service] } };
            if (kept.GetValueOrDefault(source.Service) is { } head)
            {
                if (!head.IsSigned)
                {
                    return (source.Service, HeadForged(head.Head), null);
                }

                request.Known.Add(head.Head);
            }

            try
            {
                return (source.Service, await source.VerifyAsync(call, limit, request), null);
            }
            catch (RpcException e) when (e.ToFailure() is { Kind: not FailureKind.Invalid } failure)
            {
                return (source.Service, null, failure);
            }
        }
    }

    private static VerifyChainResponse HeadForged(ChainPoint head) => new()
    {
        Broken = new BrokenLink
        {
            FirstSequence = head.Sequence,
            LastSequence = 0,
            Code = "head_forged",
            Message = "What the gateway has kept of this chain was not signed by its service: it was changed where it is kept.",
        },
    };

    // a service that does not know an action has no entry of it
    private async Task<IReadOnlyList<AuditSource>> WhereAsync(ServiceCall call, string? service, AuditFilter filter)
    {
        var asked = service is null ? _all : _all.FindAll(source => source.Service == service);
        if (asked.Count == 0)
        {
            throw Failure.InvalidField(
                "service", $"service must be one of {string.Join(", ", _all.Select(source => source.Service))}.").ToRpcException();
        }

        if (filter.Action.Length == 0)
        {
            return asked;
        }

        var actions = await Task.WhenAll(asked.Select(async source => (Source: source, Actions: await source.ActionsAsync(call))));
        var knowing = actions.Where(one => one.Actions.Contains(filter.Action, StringComparer.Ordinal)).Select(one => one.Source).ToList();
        return knowing.Count > 0
            ? knowing
            : throw Failure.InvalidField(
                "action",
                $"action must be one of {string.Join(", ", actions.SelectMany(one => one.Actions).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}.").ToRpcException();
    }

    private static Comparer<AuditLogEntry> InOrder { get; } = Comparer<AuditLogEntry>.Create((one, other) =>
        one.OccurredAt.CompareTo(other.OccurredAt) is var byTime and not 0 ? byTime
        : string.CompareOrdinal(one.Service, other.Service) is var byService and not 0 ? byService
        : one.Sequence.CompareTo(other.Sequence));
}
