using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using ZohoPlatform.MessagingService.Channels;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.Phones;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.WhatsApp;

/// <summary>The WhatsAppWebhooks contract.</summary>
internal sealed partial class WhatsAppGrpc(ChannelStore channels, MessageIntake intake, TimeProvider clock, ILogger<WhatsAppGrpc> logger)
    : Wire.WhatsAppWebhooks.WhatsAppWebhooksBase
{
    private const int MostBytes = 3 * 1024 * 1024;
    private const int LongestChallenge = 200;

    // Meta tells up to 1,000 at once: many more are no body of Meta's
    private const int MostUpdates = 5_000;

    private static readonly Failure TokenWrong = new(
        FailureKind.Forbidden, "verify_token_wrong", "The verify token is not this channel's: copy it from where the channel was made, or rotate it.");

    private static readonly Failure SignatureMissing = new(
        FailureKind.Unauthenticated, "signature_missing", "X-Hub-Signature-256 is missing: only what Meta has signed is taken.");

    private static readonly Failure SignatureWrong = new(
        FailureKind.Forbidden,
        "signature_wrong",
        "X-Hub-Signature-256 is not that of these bytes under the channel's app secret: set app_secret to that of the app in Meta's dashboard.");

    private static readonly Failure TooLarge = Failure.InvalidField("body", "body must be at most 3 MB, which is as much as WhatsApp sends.");

    private static readonly Failure Unreadable = Failure.InvalidField(
        "body", "body must be a webhook of a WhatsApp business account: a JSON object, at most 3 MB.");

    // each is a commit of its own
    private const int MostParts = 100;

    private static readonly Failure TooManyParts = Failure.InvalidField(
        "body", $"body must have at most {MostParts} changes of numbers with messages between them. Send the others in another one.");

    private static readonly Failure TooMany = Failure.InvalidField(
        "body", $"body must have at most {MostUpdates} messages, statuses and changes: WhatsApp sends 1,000. Send the others in another one.");

    public override async Task<Wire.VerifyAddressResponse> VerifyAddress(Wire.VerifyAddressRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        var channel = await OpenAsync(request.ChannelId, context.CancellationToken);
        if (request.Mode != "subscribe" || request.Challenge.Length > LongestChallenge
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.VerifyToken), Encoding.UTF8.GetBytes(channel.VerifyToken)))
        {
            throw TokenWrong.ToRpcException();
        }

        await channels.NoteVerifiedAsync(channel, context.CancellationToken);
        return new Wire.VerifyAddressResponse { Challenge = request.Challenge };
    }

    public override async Task<Wire.ReceiveWebhookResponse> ReceiveWebhook(Wire.ReceiveWebhookRequest request, ServerCallContext context)
    {
        context.CallerWith(Role.Service);
        var channel = await OpenAsync(request.ChannelId, context.CancellationToken);
        if (request.Signature.Length == 0)
        {
            throw SignatureMissing.ToRpcException();
        }

        if (request.Body.Length > MostBytes)
        {
            throw TooLarge.ToRpcException();
        }

        if (!MetaSignature.Verifies(request.Body.Span, request.Signature, channel.AppSecret))
        {
            LogRefused(channel.Tenant.Value, channel.Id);
            throw SignatureWrong.ToRpcException();
        }

        var body = WebhookBody.Read(request.Body.Memory) ?? throw Unreadable.ToRpcException();
        if (body.Updates.Count > MostUpdates)
        {
            throw TooMany.ToRpcException();
        }

        var told = Read(body, channel);
        if (told.Count > MostParts)
        {
            throw TooManyParts.ToRpcException();
        }

        var (duplicates, messages, statuses) = (0, 0, 0);
        foreach (var part in told)
        {
            // who has left sends it again, and what was stored is known then
            context.CancellationToken.ThrowIfCancellationRequested();
            var stored = (await intake.StoreAsync(channel.Tenant, part.Messages, part.Statuses, part.Identities)).OrThrow();
            var news = stored.Messages.Count(message => message.IsNew);
            messages += news;
            statuses += stored.Statuses;
            duplicates += part.Messages.Count - news + (part.Statuses.Count - stored.Statuses);
        }

        if (told.SelectMany(part => part.Changes).ToList() is { Count: > 0 } changes)
        {
            var outcomes = (await intake.ChangeAsync(channel.Tenant, changes)).OrThrow();
            var events = changes.Where((_, place) => outcomes[place] is ChangeOutcome.Unknown).Select(change => change.Told).ToList();
            var stored = (await intake.StoreAsync(channel.Tenant, events, [], [])).OrThrow();
            var news = stored.Messages.Count(message => message.IsNew) + outcomes.Count(outcome => outcome is ChangeOutcome.Changed);
            messages += news;
            duplicates += changes.Count - news;
        }

        await channels.NoteReceivedAsync(channel, context.CancellationToken);
        if (body.Unreadable > 0)
        {
            LogUnreadable(channel.Tenant.Value, channel.Id, body.Unreadable);
        }

        return new Wire.ReceiveWebhookResponse
        {
            Messages = messages,
            Statuses = statuses,
            Duplicates = duplicates,
            Ignored = body.Unreadable + body.Ignored + told.Sum(part => part.Others),
        };
    }

    private async Task<OpenChannel> OpenAsync(string id, CancellationToken cancellationToken) =>
        await channels.OpenAsync(id, cancellationToken) ?? throw ChannelStore.NotFound.ToRpcException();

    // in the order of the body: what was written before a person's number changed is stored under the one before. Of a part the identities come first
    private List<Told> Read(WebhookBody body, OpenChannel channel)
    {
        var (now, told) = (clock.GetUtcNow(), new Told());
        var parts = new List<Told> { told };
        foreach (var update in body.Updates)
        {
            // another number of the same app, or a group that one of many wrote in
            if ((channel.PhoneNumberId.Length > 0 && update.PhoneNumberId != channel.PhoneNumberId) || update is InboundMessage { GroupId: not null })
            {
                told.Others++;
                continue;
            }

            switch (update)
            {
                case InboundMessage { Correction: { } correction } change when change.Id.Length <= MessageDraft.LongestExternalId:
                    told.Changes.Add(new ChangedMessage(correction.OriginalId, correction.Text, DraftOf(change, channel, now)));
                    break;
                // who only opened the chat has said nothing: with the first message the person is there
                case InboundMessage { Type: "request_welcome" }:
                    told.Others++;
                    break;
                case InboundMessage message when message.Id.Length <= MessageDraft.LongestExternalId:
                    told.Messages.Add(DraftOf(message, channel, now));
                    break;
                case StatusUpdate status when status.MessageId.Length <= MessageDraft.LongestExternalId:
                    told.Statuses.Add(new ToldStatus(
                        status.MessageId, status.Status, status.At ?? now, status.ErrorCode, status.ErrorText));
                    break;
                case IdentityChange { Kind: not IdentityChangeKind.Device } change:
                    if (told.Messages.Count > 0)
                    {
                        parts.Add(told = new Told());
                    }

                    told.Identities.Add(new ChangedIdentity(
                        change.PreviousUserId, PhoneOf(change.PreviousWaId), change.UserId, PhoneOf(change.WaId)));
                    break;
                default:
                    told.Others++;
                    break;
            }
        }

        return parts;
    }

    private static MessageDraft DraftOf(InboundMessage message, OpenChannel channel, DateTimeOffset now) => new()
    {
        ExternalId = message.Id,
        ChannelId = channel.Id,
        Source = MessageDraft.Clean(channel.Name, MessageDraft.LongestSource),
        Direction = message.IsEcho ? Wire.MessageDirection.Outbound : Wire.MessageDirection.Inbound,
        Status = message.IsEcho ? Wire.DeliveryStatus.Sent : Wire.DeliveryStatus.Unspecified,
        Type = MessageDraft.Clean(message.Type, MessageDraft.LongestType),
        Text = MessageDraft.Clean(message.Text, MessageDraft.LongestText),
        Campaign = message.AdReferral is { } referral ? MessageDraft.Clean(referral, MessageDraft.LongestName) : null,
        Content = MessageDraft.Clean(message.Content, MessageDraft.LongestContent),
        // nobody writes in the future
        SentAt = message.SentAt is { } sent && sent < now ? sent : now,
        Phone = PhoneOf(message.WaId) ?? PhoneNumber.Parse(message.SharedPhone, null),
        UserId = IdOf(message) is { Length: <= MessageDraft.LongestUserId } user ? user : null,
        Name = MessageDraft.NameOf(message.ProfileName) ?? MessageDraft.NameOf(message.Username),
    };

    // an id that is no number that anybody knows is one person's all the same
    private static string? IdOf(InboundMessage message) => message.UserId ?? (PhoneOf(message.WaId) is null ? message.WaId : null);

    private static PhoneNumber? PhoneOf(string? waId) => waId is null ? null : PhoneNumber.FromWaId(waId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}, channel {ChannelId}: something came without the right signature, and is not stored")]
    private partial void LogRefused(Guid tenantId, Guid channelId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}, channel {ChannelId}: {Count} parts of a webhook could not be read")]
    private partial void LogUnreadable(Guid tenantId, Guid channelId, int count);

    private sealed class Told
    {
        public List<MessageDraft> Messages { get; } = [];

        public List<ToldStatus> Statuses { get; } = [];

        public List<ChangedMessage> Changes { get; } = [];

        public List<ChangedIdentity> Identities { get; } = [];

        public int Others { get; set; }
    }
}
