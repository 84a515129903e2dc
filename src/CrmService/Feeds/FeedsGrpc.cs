using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;
using Wire = ZohoPlatform.Contracts.Crm.V1;

namespace ZohoPlatform.CrmService.Feeds;

/// <summary>The Feeds contract.</summary>
internal sealed class FeedsGrpc(TenantDb<CrmDbContext> db, Copies<CrmDbContext> copies, TimeProvider clock) : Wire.Feeds.FeedsBase
{
    private static readonly Failure NotFound = new(
        FailureKind.NotFound, "feed_not_found", "There is no such feed. List the feeds to see those that exist.");

    private static readonly Failure NothingToConfirm = new(
        FailureKind.Precondition, "nothing_to_confirm", "This feed waits for nobody's word: its state is not ASKING.");

    public override async Task<Wire.ListFeedsResponse> ListFeeds(Wire.ListFeedsRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Viewer).Tenant;
        var all = await copies.ListAsync(tenant, context.CancellationToken);
        await using var found = db.For(tenant);
        var rows = await found.Feeds.AsNoTracking().ToDictionaryAsync(row => row.Id, context.CancellationToken);
        var subscribers = (await found.Subscriptions.AsNoTracking()
                .Select(row => new { row.FeedId, row.Subscriber })
                .ToListAsync(context.CancellationToken))
            .ToLookup(row => row.FeedId, row => row.Subscriber);
        return new Wire.ListFeedsResponse
        {
            Feeds = { all.Where(copy => rows.ContainsKey(copy.Id)).Select(copy => ToWire(copy, rows[copy.Id], subscribers[copy.Id])) },
        };
    }

    public override async Task<Wire.Feed> GetFeed(Wire.GetFeedRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Viewer).Tenant;
        return await AnswerAsync(tenant, await copies.GetAsync(tenant, Id(request.Id), context.CancellationToken), context.CancellationToken);
    }

    public override async Task<Wire.ListFeedRunsResponse> ListFeedRuns(Wire.ListFeedRunsRequest request, ServerCallContext context)
    {
        var (tenant, id) = (context.CallerWith(Role.Viewer).Tenant, Id(request.Id));
        await AnswerAsync(tenant, await copies.GetAsync(tenant, id, context.CancellationToken), context.CancellationToken);
        var runs = await copies.RunsAsync(tenant, id, context.CancellationToken);
        return new Wire.ListFeedRunsResponse
        {
            Runs =
            {
                runs.Select(run => new Wire.FeedRun
                {
                    Id = run.Id.ToString(),
                    Kind = ToWire(run.Kind),
                    StartedAt = run.StartedAt.ToTimestamp(),
                    EndedAt = run.EndedAt.ToTimestamp(),
                    Read = run.Read,
                    Written = run.Written,
                    Deleted = run.Deleted,
                    Calls = run.Calls,
                    Records = run.Rows,
                }),
            },
        };
    }

    public override Task<Wire.Feed> RefreshFeed(Wire.RefreshFeedRequest request, ServerCallContext context)
    {
        var kind = request.Kind switch
        {
            Wire.FeedRunKind.Unspecified or Wire.FeedRunKind.Changes => CopyRunKind.Changes,
            Wire.FeedRunKind.Check => CopyRunKind.Check,
            Wire.FeedRunKind.Full => CopyRunKind.Full,
            _ => throw Failure.InvalidField("kind", "kind must be CHANGES, CHECK or FULL.").ToRpcException(),
        };
        return ChangeAsync(
            context, Role.Operator, request.Id, AuditActions.FeedRefreshed,
            copy => new { module = copy.Subject, kind = kind.ToString().ToLowerInvariant() },
            (within, id) => copies.RequestAsync(within, id, kind, context.CancellationToken));
    }

    public override Task<Wire.Feed> PauseFeed(Wire.PauseFeedRequest request, ServerCallContext context) => ChangeAsync(
        context, Role.Operator, request.Id, AuditActions.FeedPaused, copy => new { module = copy.Subject },
        (within, id) => copies.PauseAsync(within, id, context.CancellationToken));

    public override Task<Wire.Feed> ResumeFeed(Wire.ResumeFeedRequest request, ServerCallContext context) => ChangeAsync(
        context, Role.Operator, request.Id, AuditActions.FeedResumed, copy => new { module = copy.Subject },
        (within, id) => copies.ResumeAsync(within, id, context.CancellationToken));

    public override Task<Wire.Feed> ConfirmDeletions(Wire.ConfirmDeletionsRequest request, ServerCallContext context) => ChangeAsync(
        context, Role.Admin, request.Id, request.Delete ? AuditActions.DeletionsConfirmed : AuditActions.DeletionsRefused,
        copy => new { module = copy.Subject, records = copy.Rows },
        (within, id) => copies.AnswerAsync(within, id, request.Delete, context.CancellationToken));

    // what was done and who did it stand or fall together
    private async Task<Wire.Feed> ChangeAsync(
        ServerCallContext context, Role least, string id, string action, Func<CopyStatus, object> details,
        Func<CrmDbContext, Guid, Task<Result<CopyStatus>>> change)
    {
        var (caller, token) = (context.CallerWith(least), context.CancellationToken);
        Result<CopyStatus> changed;
        await using (var within = db.For(caller.Tenant))
        await using (var transaction = await within.Database.BeginTransactionAsync(token))
        {
            changed = await change(within, Id(id));
            if (changed.Succeeded(out var copy, out _))
            {
                within.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, $"feed:{copy.Id}", details(copy)));
                await within.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
            }
        }

        return await AnswerAsync(caller.Tenant, changed, token);
    }

    private async Task<Wire.Feed> AnswerAsync(TenantId tenant, Result<CopyStatus> asked, CancellationToken cancellationToken)
    {
        var copy = asked.Succeeded(out var status, out var failure) ? status
            : throw (failure.Kind switch
            {
                FailureKind.NotFound => NotFound,
                FailureKind.Precondition => NothingToConfirm,
                _ => failure,
            }).ToRpcException();
        await using var context = db.For(tenant);
        var row = await context.Feeds.AsNoTracking().SingleOrDefaultAsync(row => row.Id == copy.Id, cancellationToken)
            ?? throw NotFound.ToRpcException();
        var subscribers = await context.Subscriptions.AsNoTracking()
            .Where(one => one.FeedId == copy.Id)
            .Select(one => one.Subscriber)
            .ToListAsync(cancellationToken);
        return ToWire(copy, row, subscribers);
    }

    private static Guid Id(string text) => Guid.TryParse(text, out var id) ? id : throw NotFound.ToRpcException();

    private static Wire.Feed ToWire(CopyStatus copy, FeedRow row, IEnumerable<string> subscribers) => new()
    {
        Id = copy.Id.ToString(),
        ConnectionId = copy.ConnectionId,
        Module = copy.Subject,
        State = copy.State switch
        {
            CopyState.Active => Wire.Feed.Types.State.Active,
            CopyState.Paused => Wire.Feed.Types.State.Paused,
            CopyState.Asking => Wire.Feed.Types.State.Asking,
        },
        Records = copy.Rows,
        KnownUntil = copy.ChangesUntil?.ToTimestamp(),
        ComparedAt = copy.ComparedAt?.ToTimestamp(),
        Progress = copy.Run is { } run ? ToWire(run) : null,
        Code = copy.Code ?? "",
        Message = copy.Message ?? "",
        FailedSince = copy.FailedSince?.ToTimestamp(),
        Vanishing = copy.Vanishing,
        Fields = { row.Fields },
        MissingFields = { row.MissingFields },
        Subscribers = { subscribers.Order(StringComparer.Ordinal) },
        NotifiedAt = row.NotifiedAt?.ToTimestamp(),
        UpdatedAt = copy.LastRunEndedAt?.ToTimestamp(),
    };

    private static Wire.FeedProgress ToWire(CopyProgress run)
    {
        var progress = new Wire.FeedProgress
        {
            Kind = ToWire(run.Kind),
            StartedAt = run.StartedAt.ToTimestamp(),
            Read = run.Read,
            Written = run.Written,
            Deleted = run.Deleted,
            Calls = run.Calls,
            PerSecond = run.PerSecond,
            EndsAt = run.EndsAt?.ToTimestamp(),
        };
        if (run.Expected is { } expected)
        {
            progress.Expected = expected;
        }

        return progress;
    }

    private static Wire.FeedRunKind ToWire(CopyRunKind kind) => kind switch
    {
        CopyRunKind.Changes => Wire.FeedRunKind.Changes,
        CopyRunKind.Check => Wire.FeedRunKind.Check,
        CopyRunKind.Full => Wire.FeedRunKind.Full,
        CopyRunKind.None => Wire.FeedRunKind.Unspecified,
    };
}
