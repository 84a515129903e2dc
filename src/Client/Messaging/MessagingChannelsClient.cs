using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Messaging;

/// <summary>Through which messages come in: WhatsApp apps of Meta's Cloud API. Role needed: admin.</summary>
public sealed class MessagingChannelsClient
{
    private const string Path = "api/v1/messaging/channels";

    private readonly GatewayCalls _calls;

    internal MessagingChannelsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>The answer holds the verify token, this once: it is not given again, also not to a repetition.</summary>
    public Task<MessagingChannel> CreateAsync(
        NewMessagingChannel channel, string? idempotencyKey = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        Path, channel, PlatformJson.Default.NewMessagingChannel, PlatformJson.Default.MessagingChannel, idempotencyKey, cancellationToken);

    /// <summary>With masked secrets, oldest first.</summary>
    public Task<IReadOnlyList<MessagingChannel>> ListAsync(CancellationToken cancellationToken = default) => Pages.AllAsync(
        (token, cancel) => _calls.GetAsync(
            Paths.With(Path, ("page_size", "200"), ("page_token", token)), PlatformJson.Default.MessagingChannelList, cancel),
        page => (page.Channels, page.NextPageToken),
        cancellationToken);

    /// <summary>With masked secrets.</summary>
    public Task<MessagingChannel> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.MessagingChannel, cancellationToken);

    /// <summary>What is absent stays, an empty text clears.</summary>
    /// <param name="id"><see cref="MessagingChannel.Id"/>.</param>
    /// <param name="change">What is another one from now on.</param>
    /// <param name="etag">
    /// <see cref="MessagingChannel.Etag"/> that the change is made to: <see cref="PlatformException"/> with the code <c>etag_mismatch</c>
    /// where it is another
    /// one by now. Null for whatever it is.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<MessagingChannel> ChangeAsync(
        string id, MessagingChannelChange change, string? etag = null, CancellationToken cancellationToken = default) => _calls.PatchAsync(
        $"{Path}/{Paths.Part(id)}",
        change,
        PlatformJson.Default.MessagingChannelChange,
        PlatformJson.Default.MessagingChannel,
        cancellationToken,
        etag);

    /// <summary>What comes to it from then on is refused; its messages stay.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);

    /// <summary>
    /// Gives it another verify token, which is in this answer alone. Meta asks for it when the address is set, and not again.
    /// </summary>
    /// <param name="id"><see cref="MessagingChannel.Id"/>.</param>
    /// <param name="idempotencyKey">A repetition with the same key rotates no second time, and gets no token.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<MessagingChannel> RotateAsync(string id, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Path}/{Paths.Part(id)}/rotate", PlatformJson.Default.MessagingChannel, idempotencyKey, cancellationToken);
}
