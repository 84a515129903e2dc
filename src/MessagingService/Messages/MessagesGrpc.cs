using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Messages;

/// <summary>The Messages contract.</summary>
internal sealed class MessagesGrpc(
    MessageIntake intake,
    MessageStore store,
    MessageChanges changes,
    SearchTurns searches,
    SettingsStore settings,
    FeatureAccess access,
    AuditedReads reads,
    IHostApplicationLifetime host,
    TimeProvider clock)
    : Wire.Messages.MessagesBase
{
    private const int MostSubmitted = 500;

    // of a stream: each message that waits for its answer takes one, and one more for each 4 KB
    private const int Places = 1_000;
    private const int BytesOfPlace = 4 * 1024;
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const int EventsAtOnce = 100;
    private const int LongestQuery = 100;
    private const string OrderService = "messages";

    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(30);

    // who does not read its answers keeps what it has sent no longer than that
    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(10);

    private static readonly Failure TooManyStreams = new(
        FailureKind.RateLimited, "too_many_streams", "Too many streams are open for this tenant: close some, or wait until others end.")
    {
        RetryAfter = TimeSpan.FromSeconds(30),
    };

    private static readonly Failure SwitchedOff = new(
        FailureKind.Precondition, "crm_disabled", "Zoho CRM is switched off for conversations: set crm_enabled in the Zoho settings, then resend.");

    public override async Task<Wire.SubmitMessagesResponse> SubmitMessages(Wire.SubmitMessagesRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        if (request.Messages.Count is 0 or > MostSubmitted)
        {
            throw Failure.InvalidField("messages", $"messages must have 1 to {MostSubmitted} messages.").ToRpcException();
        }

        var region = await settings.RegionAsync(caller.Tenant, context.CancellationToken);
        var now = clock.GetUtcNow();
        var answers = new Wire.StoredMessage[request.Messages.Count];
        var (drafts, places) = (new List<MessageDraft>(), new List<int>());
        for (var i = 0; i < answers.Length; i++)
        {
            if (MessageDraft.From(request.Messages[i], region, caller.Subject, now).Succeeded(out var draft, out var refused))
            {
                drafts.Add(draft);
                places.Add(i);
            }
            else
            {
                answers[i] = Refused(request.Messages[i].ExternalId, refused);
            }
        }

        var stored = (await intake.StoreAsync(caller.Tenant, drafts, [], [])).OrThrow();
        for (var i = 0; i < places.Count; i++)
        {
            answers[places[i]] = Answer(drafts[i].ExternalId, stored.Messages[i]);
        }

        return new Wire.SubmitMessagesResponse { Messages = { answers } };
    }

    public override async Task StreamMessages(
        IAsyncStreamReader<Wire.NewMessage> requestStream, IServerStreamWriter<Wire.StoredMessage> responseStream, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        using var life = new StreamLife(context, host, clock);
        using var trouble = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(life.End, trouble.Token);
        // whoever sends faster than is stored waits
        using var room = new SemaphoreSlim(Places);
        using var writing = new SemaphoreSlim(1);
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var open = new List<Task>();
        try
        {
            while (await requestStream.MoveNext(end.Token))
            {
                var places = Math.Min(Places, 1 + (requestStream.Current.CalculateSize() / BytesOfPlace));
                for (var taken = 0; taken < places; taken++)
                {
                    await room.WaitAsync(end.Token);
                }

                open.RemoveAll(one => one.IsCompletedSuccessfully);
                open.Add(StoreOneAsync(requestStream.Current, places));
            }

            await Task.WhenAll(open);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            // what was taken is acknowledged before the stream ends
            using var limit = clock.CreateTimer(_ => givenUp.Cancel(), null, LastAnswers, Timeout.InfiniteTimeSpan);
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (open.Find(one => one.IsFaulted) is { } failed)
            {
                await failed;
            }

            throw life.Over;
        }
        finally
        {
            // they use what ends here; how they ended is said above, or to nobody where the caller has left
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task StoreOneAsync(Wire.NewMessage sent, int places)
        {
            try
            {
                var answer = await StoreAsync(caller, sent, context.CancellationToken);
                await writing.WaitAsync(givenUp.Token);
                try
                {
                    await responseStream.WriteAsync(answer, givenUp.Token);
                }
                finally
                {
                    writing.Release();
                }
            }
            catch
            {
                // who waits for its answer is told now that there is none
                await trouble.CancelAsync();
                throw;
            }
            finally
            {
                room.Release(places);
            }
        }
    }

    public override async Task<Wire.Message> GetMessage(Wire.GetMessageRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var found = (await store.GetAsync(caller.Tenant, request.Id, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return found;
    }

    public override async Task<Wire.ListMessagesResponse> ListMessages(Wire.ListMessagesRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var page = PageRequest.Of(request.PageSize, request.PageToken, DefaultPage, MaxPage);
        if (!Enum.IsDefined(request.SyncState))
        {
            throw Failure.InvalidField("sync_state", "sync_state must be one of stored, synced, skipped, failed.").ToRpcException();
        }

        var query = request.Query.Trim();
        if (query.Length is 1 or > LongestQuery || query.Contains('\0', StringComparison.Ordinal))
        {
            throw Failure.InvalidField("query", $"query must have 2 to {LongestQuery} characters.").ToRpcException();
        }

        if (request.ExternalId.Contains('\0', StringComparison.Ordinal))
        {
            throw Failure.InvalidField("external_id", "external_id must be one that a message has: none has a NUL.").ToRpcException();
        }

        var filter = new MessageFilter(
            request.ConversationId.Length == 0 ? null : Guid.TryParse(request.ConversationId, out var conversation) ? conversation : Guid.Empty,
            request.SyncState,
            query,
            request.ExternalId,
            ListOrder.IsAscending(request.OrderBy, "sent_at"));
        using var turn = await searches.TakeAsync(caller.Tenant, query.Length > 0, context.CancellationToken);
        var after = page.AfterMoment is { } last ? (last.At, last.Number) : ((DateTimeOffset, long)?)null;
        var found = (await store.ListAsync(caller.Tenant, filter, after, page.ToRead, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return new Wire.ListMessagesResponse
        {
            Messages = { page.Take(found).Select(MessageStore.ToWire) },
            NextPageToken = page.Next(found, row => PageRequest.TokenOf(row.SentAt, OrderService, row.Sequence)),
        };
    }

    public override async Task<Wire.Message> ResendMessage(Wire.ResendMessageRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        await CheckSwitchedOnAsync(caller.Tenant, context.CancellationToken);
        var resent = (await store.ResendAsync(caller, request.Id, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return resent;
    }

    public override async Task<Wire.RetryMessagesResponse> RetryMessages(Wire.RetryMessagesRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        await CheckSwitchedOnAsync(caller.Tenant, context.CancellationToken);
        var retried = (await store.RetryAsync(caller, request.Code, context.CancellationToken)).OrThrow();
        return new Wire.RetryMessagesResponse { Retried = retried, HasMore = retried == MessageStore.MostAtOnce };
    }

    public override async Task<Wire.Message> DiscardMessage(Wire.DiscardMessageRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        var discarded = (await store.DiscardOneAsync(caller, request.Id, context.CancellationToken)).OrThrow();
        await NoteReadAsync(caller, context.CancellationToken);
        return discarded;
    }

    public override async Task<Wire.DiscardMessagesResponse> DiscardMessages(Wire.DiscardMessagesRequest request, ServerCallContext context)
    {
        var discarded = (await store.DiscardAsync(context.CallerWith(Role.Operator), request.Code, context.CancellationToken)).OrThrow();
        return new Wire.DiscardMessagesResponse { Discarded = discarded, HasMore = discarded == MessageStore.MostAtOnce };
    }

    public override async Task WatchMessages(
        Wire.WatchMessagesRequest request, IServerStreamWriter<Wire.MessageEvents> responseStream, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        using var watcher = changes.TryWatch(caller.Tenant) ?? throw TooManyStreams.ToRpcException();
        await NoteReadAsync(caller, context.CancellationToken);
        using var life = new StreamLife(context, host, clock);
        await life.RunAsync(end => WatchAsync(caller.Tenant, request, watcher, responseStream, end));
    }

    // it would be skipped again
    private async Task CheckSwitchedOnAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!(await access.StateAsync(tenant, cancellationToken)).OrThrow().IsOn)
        {
            throw SwitchedOff.ToRpcException();
        }
    }

    private static Wire.StoredMessage Answer(string externalId, Stored stored) => new()
    {
        ExternalId = externalId,
        Outcome = stored.IsNew ? Wire.StoredMessage.Types.Outcome.Stored : Wire.StoredMessage.Types.Outcome.Duplicate,
        Id = stored.Id.ToString(),
        ConversationId = stored.ConversationId.ToString(),
    };

    private static Wire.StoredMessage Refused(string externalId, Failure refused) => new()
    {
        ExternalId = ShownText.Cut(externalId, MessageDraft.LongestExternalId),
        Outcome = Wire.StoredMessage.Types.Outcome.Refused,
        Code = refused.Code,
        Field = refused.Field ?? "",
        Message = refused.Message,
    };

    private async Task<Wire.StoredMessage> StoreAsync(Caller caller, Wire.NewMessage sent, CancellationToken cancellationToken)
    {
        var region = await settings.RegionAsync(caller.Tenant, cancellationToken);
        if (!MessageDraft.From(sent, region, caller.Subject, clock.GetUtcNow()).Succeeded(out var draft, out var refused))
        {
            return Refused(sent.ExternalId, refused);
        }

        // where there is no room it is not the message's fault: the stream ends with the failure, and it is sent again
        return Answer(draft.ExternalId, (await intake.StoreAsync(caller.Tenant, [draft], [], [])).OrThrow().Messages[0]);
    }

    private async Task WatchAsync(
        TenantId tenant, Wire.WatchMessagesRequest request, SignalFeed.Watcher watcher, IServerStreamWriter<Wire.MessageEvents> to,
        CancellationToken cancellationToken)
    {
        // one that has not been is of another life of the database: nothing would ever come behind it
        var last = request.After < 0 ? 0 : await store.PositionAsync(tenant, cancellationToken);
        var after = request.After == 0 ? last : Math.Clamp(request.After, 0, last);
        if (request.ConversationId.Length > 0)
        {
            (await store.ChangedAsync(tenant, request.ConversationId, after, 0, cancellationToken)).OrThrow();
        }

        // who is cut off before anything comes goes on from here, and not from where things are then
        await to.WriteAsync(new Wire.MessageEvents { Position = after }, cancellationToken);
        while (true)
        {
            // of one conversation nothing may come for long: the next look begins behind what others have had
            var seen = request.ConversationId.Length > 0 ? await store.PositionAsync(tenant, cancellationToken) : 0;
            var changed = (await store.ChangedAsync(tenant, request.ConversationId, after, EventsAtOnce, cancellationToken)).OrThrow();
            if (changed.Count > 0)
            {
                after = changed[^1].Position;
                await to.WriteAsync(
                    new Wire.MessageEvents { Messages = { changed.Select(MessageStore.ToWire) }, Position = after }, cancellationToken);
            }
            else
            {
                after = Math.Max(after, seen);
                await watcher.WaitAsync(LookAfter, clock, cancellationToken);
            }

            await watcher.PauseAsync(TimeSpan.Zero, clock, cancellationToken);
        }
    }

    private Task NoteReadAsync(Caller caller, CancellationToken cancellationToken) =>
        reads.NoteAsync(caller, AuditActions.ConversationsRead, "conversations", cancellationToken);
}
