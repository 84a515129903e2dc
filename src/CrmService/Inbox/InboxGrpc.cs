using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.CrmService.Feeds;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Crm.V1;

namespace ZohoPlatform.CrmService.Inbox;

/// <summary>The Inbox contract.</summary>
internal sealed class InboxGrpc(SubscriptionStore subscriptions, FeedChanges changes, TimeProvider clock, IHostApplicationLifetime host)
    : Wire.Inbox.InboxBase
{
    private const int MostFields = 200;
    private const string Notes = "Notes";
    private const int LongestName = 100;
    private const int ChangesAtOnce = 200;

    // a page stays below gRPC's 4 MB, whatever the last record adds
    private const int CharactersAtOnce = 500_000;

    // names with accents take no more room than they need
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly Failure NotFound = new(
        FailureKind.NotFound, "subscription_not_found", "The caller has no such subscription: subscribe, and begin with position 0.");

    private static readonly Failure TooManyStreams = new(
        FailureKind.RateLimited, "too_many_streams", "The tenant's feeds are followed as often as they may be at once: end streams that nobody reads.");

    public override async Task<Wire.Subscription> Subscribe(Wire.SubscribeRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        if (!Guid.TryParse(request.ConnectionId, out var connectionId))
        {
            throw Failure.InvalidField("connection_id", "connection_id must be the id of a connection.").ToRpcException();
        }

        if (request.Module is Notes)
        {
            throw Failure.InvalidField("module", "module cannot be Notes: Zoho CRM tells neither their changes nor their deletions.").ToRpcException();
        }

        if (!IsName(request.Module))
        {
            throw Failure.InvalidField("module", "module must be the API name of a module: Leads, Contacts, CustomModule5.").ToRpcException();
        }

        var fields = request.Fields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (fields.Count is 0 or > MostFields || !fields.TrueForAll(IsName))
        {
            throw Failure.InvalidField("fields", $"fields must be 1 to {MostFields} API names of fields: Last_Name, Phone.").ToRpcException();
        }

        var subscription = await subscriptions.SubscribeAsync(
            caller, connectionId.ToString(), request.Module, fields, request.From.MomentOf("from"), context.CancellationToken);
        return new Wire.Subscription
        {
            Id = subscription.Id.ToString(),
            ConnectionId = subscription.ConnectionId,
            Module = subscription.Module,
            Fields = { subscription.Fields },
            From = subscription.From?.ToTimestamp(),
            CreatedAt = subscription.CreatedAt.ToTimestamp(),
            FeedId = subscription.FeedId.ToString(),
        };
    }

    public override async Task<Wire.UnsubscribeResponse> Unsubscribe(Wire.UnsubscribeRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        if (Guid.TryParse(request.SubscriptionId, out var id))
        {
            await subscriptions.UnsubscribeAsync(caller, id, context.CancellationToken);
        }

        return new Wire.UnsubscribeResponse();
    }

    public override async Task Follow(Wire.FollowRequest request, IServerStreamWriter<Wire.ChangesPage> responseStream, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        var subscription = Guid.TryParse(request.SubscriptionId, out var id)
            ? await subscriptions.FindAsync(caller, id, context.CancellationToken) : null;
        if (subscription is null)
        {
            throw NotFound.ToRpcException();
        }

        using var watcher = changes.TryWatch(caller.Tenant, subscription.FeedId) ?? throw TooManyStreams.ToRpcException();
        using var life = new StreamLife(context, host, clock);
        await life.RunAsync(end => FollowAsync(caller, subscription.Id, request.After, watcher, responseStream, end));
    }

    private async Task FollowAsync(
        Caller caller, Guid id, long after, Storage.SignalFeed.Watcher watcher, IServerStreamWriter<Wire.ChangesPage> stream, CancellationToken cancellationToken)
    {
        DateTimeOffset? known = null;
        while (true)
        {
            // asked each time: it may have ended, or want other fields
            var subscription = await subscriptions.FindAsync(caller, id, cancellationToken) ?? throw NotFound.ToRpcException();
            var told = await subscriptions.ReadAsync(subscription, after, ChangesAtOnce, CharactersAtOnce, cancellationToken);
            if (told.Position > after || told.KnownUntil > known || (known is null && told.KnownUntil is not null))
            {
                await stream.WriteAsync(ToWire(subscription, told), cancellationToken);
                (after, known) = (told.Position, told.KnownUntil ?? known);
            }

            if (!told.HasMore)
            {
                await watcher.WaitAsync(LookAgainAfter, clock, cancellationToken);
            }

            await watcher.PauseAsync(TimeSpan.Zero, clock, cancellationToken);
        }
    }

    private static Wire.ChangesPage ToWire(SubscriptionRow subscription, Told told) => new()
    {
        Changes =
        {
            told.Records.Select(record => new Wire.RecordChange
            {
                RecordId = record.RecordId,
                ModifiedAt = record.ModifiedAt.ToTimestamp(),
                Content = record.Content is { } content ? Narrowed(content, subscription.Fields) : "",
                Deleted = record.Content is null,
            }),
        },
        Position = told.Position,
        KnownUntil = told.KnownUntil?.ToTimestamp(),
    };

    // what another service wants is none of this one's business
    private static string Narrowed(string content, string[] fields)
    {
        var narrowed = new JsonObject();
        foreach (var (name, value) in JsonNode.Parse(content)!.AsObject())
        {
            if (Array.BinarySearch(fields, name, StringComparer.Ordinal) >= 0 || ModuleSource.OfConversion.Contains(name, StringComparer.Ordinal))
            {
                narrowed[name] = value?.DeepClone();
            }
        }

        return narrowed.ToJsonString(AsWritten);
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '_');
}
