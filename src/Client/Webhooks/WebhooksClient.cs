using ZohoPlatform.Api.Webhooks;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Webhooks;

/// <summary>Receivers that are told what has happened. Role needed: admin.</summary>
public sealed class WebhooksClient
{
    private const string Path = "api/v1/webhooks";

    private readonly GatewayCalls _calls;

    internal WebhooksClient(GatewayCalls calls) => _calls = calls;

    /// <summary>The answer holds the signature's secret, this once: it is not given again, also not to a repetition.</summary>
    public Task<CreatedWebhook> CreateAsync(
        NewWebhook webhook, string? idempotencyKey = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        Path, webhook, PlatformJson.Default.NewWebhook, PlatformJson.Default.CreatedWebhook, idempotencyKey, cancellationToken);

    /// <summary>Never with their secrets, oldest first.</summary>
    public Task<IReadOnlyList<Webhook>> ListAsync(CancellationToken cancellationToken = default) => Pages.AllAsync(
        (token, cancel) => _calls.GetAsync(
            Paths.With(Path, ("page_size", "200"), ("page_token", token)), PlatformJson.Default.WebhookList, cancel),
        page => (page.Webhooks, page.NextPageToken),
        cancellationToken);

    /// <summary>Never with its secret.</summary>
    public Task<Webhook> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.Webhook, cancellationToken);

    /// <summary>What is absent stays.</summary>
    public Task<Webhook> ChangeAsync(string id, WebhookChange change, CancellationToken cancellationToken = default) => _calls.PatchAsync(
        $"{Path}/{Paths.Part(id)}", change, PlatformJson.Default.WebhookChange, PlatformJson.Default.Webhook, cancellationToken);

    /// <summary>With what is still to be delivered.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);

    /// <summary>A new secret; the old one signs beside it for a while. The answer holds it, this once.</summary>
    /// <param name="id"><see cref="Webhook.Id"/>.</param>
    /// <param name="rotation">How long the old one lasts.</param>
    /// <param name="idempotencyKey">A repetition with the same key rotates no second time, and gets no secret.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RotatedSecret> RotateSecretAsync(
        string id, SecretRotation rotation, string? idempotencyKey = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/rotate-secret",
        rotation,
        PlatformJson.Default.SecretRotation,
        PlatformJson.Default.RotatedSecret,
        idempotencyKey,
        cancellationToken);

    /// <summary>All that a webhook can be told of. Any role.</summary>
    public async Task<IReadOnlyList<WebhookEventType>> EventTypesAsync(CancellationToken cancellationToken = default) =>
        (await _calls.GetAsync($"{Path}/event-types", PlatformJson.Default.WebhookEventTypeList, cancellationToken)).EventTypes;

    /// <summary>Sends one event and waits for the receiver. A disabled webhook that takes it is enabled again.</summary>
    public Task<WebhookDelivery> TestAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Path}/{Paths.Part(id)}/test", PlatformJson.Default.WebhookDelivery, idempotencyKey: null, cancellationToken);

    /// <summary>What was sent, newest first.</summary>
    /// <param name="id"><see cref="Webhook.Id"/>.</param>
    public IAsyncEnumerable<WebhookDelivery> DeliveriesAsync(string id) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With($"{Path}/{Paths.Part(id)}/deliveries", ("page_size", "200"), ("page_token", token)),
            PlatformJson.Default.WebhookDeliveryPage,
            cancellationToken),
        page => (page.Deliveries, page.NextPageToken));

    /// <summary>Sends an event again, with the id that it had.</summary>
    /// <param name="deliveryId"><see cref="WebhookDelivery.Id"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<WebhookDelivery> RedeliverAsync(string deliveryId, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/deliveries/{Paths.Part(deliveryId)}/redeliver",
        PlatformJson.Default.WebhookDelivery,
        idempotencyKey: null,
        cancellationToken);
}
