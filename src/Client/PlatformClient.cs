using System.Net.Http.Headers;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Client.ApiKeys;
using ZohoPlatform.Client.Audit;
using ZohoPlatform.Client.Campaigns;
using ZohoPlatform.Client.Connections;
using ZohoPlatform.Client.Crm;
using ZohoPlatform.Client.Http;
using ZohoPlatform.Client.KeyRing;
using ZohoPlatform.Client.Messaging;
using ZohoPlatform.Client.Settings;
using ZohoPlatform.Client.Tenants;
using ZohoPlatform.Client.Webhooks;

namespace ZohoPlatform.Client;

/// <summary>
/// The gateway's REST API with types. Every call throws <see cref="PlatformException"/> where the gateway refuses or cannot be reached, and
/// <see cref="OperationCanceledException"/> only where the caller's own token was cancelled.
/// </summary>
/// <remarks>
/// A call is repeated at most three times where the gateway was not reached or asks to come back within 30 seconds (429, 502, 503, 504).
/// Every POST carries an <c>Idempotency-Key</c>, one of its own per call where none is given, so that a repetition is never done twice.
/// Uploads are not repeated: their stream is spent. One attempt takes three minutes at most; uploads, exports and events take as long as
/// they need. Safe for use by many threads.
/// </remarks>
public sealed class PlatformClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly GatewayCalls _calls;

    /// <param name="http">
    /// With the gateway's address as <see cref="HttpClient.BaseAddress"/> (it must end with a slash) and the API key as its
    /// <c>Authorization</c>. Its own <see cref="HttpClient.Timeout"/> also bounds uploads: make it infinite where large files are uploaded.
    /// Disposed with the client.
    /// </param>
    /// <param name="clock">Where the pauses between two attempts come from; the system's when absent.</param>
    public PlatformClient(HttpClient http, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress?.AbsolutePath.EndsWith('/') != true)
        {
            throw new ArgumentException("BaseAddress must be the gateway's address and end with a slash.", nameof(http));
        }

        _http = http;
        _calls = new GatewayCalls(http, clock ?? TimeProvider.System);
        Campaigns = new CampaignsClient(_calls);
        Crm = new CrmClient(_calls);
        Connections = new ConnectionsClient(_calls);
        Conversations = new ConversationsClient(_calls);
        Messages = new MessagesClient(_calls);
        MessagingChannels = new MessagingChannelsClient(_calls);
        Settings = new SettingsClient(_calls);
        Audit = new AuditClient(_calls);
        ApiKeys = new ApiKeysClient(_calls);
        Webhooks = new WebhooksClient(_calls);
        Tenants = new TenantsClient(_calls);
        KeyRing = new KeyRingClient(_calls);
    }

    /// <summary>Contacts, syncs, lists and results of Zoho Campaigns.</summary>
    public CampaignsClient Campaigns { get; }

    /// <summary>What is read from Zoho CRM.</summary>
    public CrmClient Crm { get; }

    /// <summary>All messages of one person each, and where they open in Zoho CRM.</summary>
    public ConversationsClient Conversations { get; }

    /// <summary>Messages of conversations, on their way to Zoho CRM.</summary>
    public MessagesClient Messages { get; }

    /// <summary>Through which messages come in. Role needed: admin.</summary>
    public MessagingChannelsClient MessagingChannels { get; }

    /// <summary>The tenant's grants at Zoho and HubSpot.</summary>
    public ConnectionsClient Connections { get; }

    /// <summary>The tenant's OAuth clients and mailing list.</summary>
    public SettingsClient Settings { get; }

    /// <summary>Who did what. Role needed: admin.</summary>
    public AuditClient Audit { get; }

    /// <summary>The tenant's API keys. Role needed: admin.</summary>
    public ApiKeysClient ApiKeys { get; }

    /// <summary>Receivers that are told when a connection needs a person. Role needed: admin.</summary>
    public WebhooksClient Webhooks { get; }

    /// <summary>The platform's tenants. Only the platform key may.</summary>
    public TenantsClient Tenants { get; }

    /// <summary>The keys that all tenants' secrets are sealed with. Only the platform key may.</summary>
    public KeyRingClient KeyRing { get; }

    /// <summary>A client with an <see cref="HttpClient"/> of its own.</summary>
    /// <param name="gateway">http or https, with or without a path: <c>https://platform.example.com</c>.</param>
    /// <param name="apiKey"><c>zp_{id}_{secret}</c>. It goes to this address alone: redirects are not followed.</param>
    public static PlatformClient Connect(Uri gateway, string apiKey)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentException.ThrowIfNullOrWhiteSpace(apiKey);
        if (apiKey.Any(letter => letter is <= ' ' or > '~'))
        {
            throw new ArgumentException(
                "The API key holds a blank or a character that is not ASCII: copy it again, from zp_ to its end.", nameof(apiKey));
        }

        var http = new HttpClient(CreateHandler());
        Prepare(http, gateway, apiKey);
        return new PlatformClient(http);
    }

    /// <summary>Whose key this is. Role needed: viewer.</summary>
    public Task<WhoAmI> WhoAmIAsync(CancellationToken cancellationToken = default) =>
        _calls.GetAsync("api/v1/whoami", PlatformJson.Default.WhoAmI, cancellationToken);

    public void Dispose() => _http.Dispose();

    internal static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    internal static void Prepare(HttpClient http, Uri gateway, string apiKey)
    {
        http.BaseAddress = gateway.AbsolutePath.EndsWith('/') ? gateway : new Uri(gateway.AbsoluteUri + "/");
        http.Timeout = Timeout.InfiniteTimeSpan;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }
}
