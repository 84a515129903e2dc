using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Connections;

/// <summary>The tenant's grants at Zoho and HubSpot. Access tokens come out for keys that were made for it; refresh tokens never do.</summary>
public sealed class ConnectionsClient
{
    private const string Path = "api/v1/connections";

    private readonly GatewayCalls _calls;

    internal ConnectionsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Role needed: viewer.</summary>
    /// <param name="provider">zoho or hubspot; all when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<Connection>> ListAsync(string? provider = null, CancellationToken cancellationToken = default) => Pages.AllAsync(
        (token, cancel) => _calls.GetAsync(
            Paths.With(Path, ("provider", provider), ("page_size", "200"), ("page_token", token)), PlatformJson.Default.ConnectionList, cancel),
        page => (page.Connections, page.NextPageToken),
        cancellationToken);

    /// <summary>Role needed: viewer.</summary>
    public Task<Connection> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.Connection, cancellationToken);

    /// <summary>
    /// Connects with a code or a refresh token, which is tried at the provider before anything is stored. Role needed: admin.
    /// </summary>
    public Task<Connection> CreateAsync(
        NewConnection connection, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(
            Path, connection, PlatformJson.Default.NewConnection, PlatformJson.Default.Connection, idempotencyKey, cancellationToken);

    /// <summary>A link with which a person connects in a browser, good for some minutes. Role needed: admin.</summary>
    /// <param name="provider">zoho or hubspot.</param>
    /// <param name="features">
    /// campaigns, crm, books, inventory, invoice or hubspot_contacts; when null or empty the provider's first, and crm where the settings switch it on.
    /// </param>
    /// <param name="dataCentre">Zoho: us, eu, in, au, jp, cn, ca, sa, uk, ae or sg; the settings' region when null.</param>
    /// <param name="owner">Who connects it or for whom; company when null.</param>
    /// <param name="extraScopes">Scopes of the provider to ask for beside those of the features.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<OAuthLink> BeginAsync(
        string provider,
        IReadOnlyList<string>? features = null,
        string? dataCentre = null,
        string? owner = null,
        IReadOnlyList<string>? extraScopes = null,
        CancellationToken cancellationToken = default) => _calls.GetAsync(
            Paths.With(
                $"api/v1/crm/{Paths.Part(provider)}/oauth",
                ("features", features is null ? null : string.Join(',', features)),
                ("data_centre", dataCentre),
                ("owner", owner),
                ("extra_scopes", extraScopes is null ? null : string.Join(',', extraScopes))),
            PlatformJson.Default.OAuthLink,
            cancellationToken);

    /// <summary>How far a person has come with a link; known for an hour after its end. Role needed: admin.</summary>
    /// <param name="provider">zoho or hubspot.</param>
    /// <param name="id"><see cref="OAuthLink.Id"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Authorization> GetAuthorizationAsync(string provider, string id, CancellationToken cancellationToken = default) => _calls.GetAsync(
        $"api/v1/crm/{Paths.Part(provider)}/oauth/{Paths.Part(id)}", PlatformJson.Default.Authorization, cancellationToken);

    /// <summary>Has the provider give a fresh token, and calls it. Role needed: operator.</summary>
    public Task<ConnectionTest> TestAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Path}/{Paths.Part(id)}/test", PlatformJson.Default.ConnectionTest, idempotencyKey: null, cancellationToken);

    /// <summary>
    /// Takes the grant back at the provider and forgets it; refused with <c>connection_in_use</c>, and with what would stop, where it serves a
    /// feature and <paramref name="evenIfInUse"/> is not said. Role needed: admin.
    /// </summary>
    public Task DeleteAsync(string id, bool evenIfInUse = false, CancellationToken cancellationToken = default) => _calls.DeleteAsync(
        Paths.With($"{Path}/{Paths.Part(id)}", ("even_if_in_use", evenIfInUse ? "true" : null)), cancellationToken);

    /// <summary>A live access token, good for a minute at least. Permission needed: tokens:read for the connection.</summary>
    public Task<AccessToken> GetAccessTokenAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}/access-token", PlatformJson.Default.AccessToken, cancellationToken);

    /// <summary>
    /// Tells that the provider answered 401 to a token, so that the next one is new: three times in ten minutes for one key and connection.
    /// Permission needed: tokens:read for the connection.
    /// </summary>
    /// <param name="id">The connection.</param>
    /// <param name="token">The token; only its SHA-256 is sent.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RejectedTokenAnswer> ReportRejectedTokenAsync(string id, string token, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(
            $"{Path}/{Paths.Part(id)}/access-token/rejected",
            new RejectedToken(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))),
            PlatformJson.Default.RejectedToken,
            PlatformJson.Default.RejectedTokenAnswer,
            idempotencyKey: null,
            cancellationToken);

    /// <summary>How all connections fare, without asking the provider. Role needed: viewer.</summary>
    public async Task<IReadOnlyList<ConnectionHealth>> ListHealthAsync(CancellationToken cancellationToken = default) =>
        (await _calls.GetAsync($"{Path}/health", PlatformJson.Default.ConnectionHealthList, cancellationToken)).Connections;

    /// <summary>How one connection fares. Role needed: viewer.</summary>
    public Task<ConnectionHealth> GetHealthAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}/health", PlatformJson.Default.ConnectionHealth, cancellationToken);

    /// <summary>
    /// How all connections fare now, and each that changes, until the caller has enough. Where the stream ends or is cut it is opened
    /// again, and all connections are told once more; <see cref="PlatformException"/> where that fails for some minutes. Role needed:
    /// viewer.
    /// </summary>
    public IAsyncEnumerable<HealthChange> WatchHealthAsync(CancellationToken cancellationToken = default) => EventStream.FollowAsync(
        _calls, $"{Path}/events", after: null, ChangeOf, static _ => false, cancellationToken);

    private static HealthChange? ChangeOf(SseItem<string> item) => item.EventType switch
    {
        "health" => new HealthChange(JsonSerializer.Deserialize(item.Data, PlatformJson.Default.ConnectionHealth), null),
        "removed" => new HealthChange(null, JsonSerializer.Deserialize(item.Data, PlatformJson.Default.RemovedConnection)),
        _ => null,
    };
}

/// <summary>One of the two.</summary>
/// <param name="Health">How a connection fares.</param>
/// <param name="Removed">A connection that is gone.</param>
public sealed record HealthChange(ConnectionHealth? Health, RemovedConnection? Removed);
