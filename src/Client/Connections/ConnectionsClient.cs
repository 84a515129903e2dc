using System.Text.Json.Serialization;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Connections;

/// <summary>The tenant's grants at Zoho and HubSpot. No token of one ever comes out of the platform.</summary>
public sealed class ConnectionsClient
{
    private const string Path = "api/v1/connections";

    private readonly GatewayCalls _calls;

    internal ConnectionsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Role needed: viewer.</summary>
    /// <param name="provider">Only its; all when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<Connection>> ListAsync(Provider? provider = null, CancellationToken cancellationToken = default)
    {
        var path = Paths.With(Path, ("provider", provider is { } wanted ? ApiName.Of(wanted) : null));
        return (await _calls.GetAsync(path, PlatformJson.Default.ConnectionList, cancellationToken)).Connections ?? [];
    }

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
    /// <param name="provider">What to connect.</param>
    /// <param name="features">
    /// campaigns, crm, books, inventory, invoice or hubspot_contacts; the provider's first when null or empty.
    /// </param>
    /// <param name="dataCentre">Zoho: us, eu, in, au, jp, cn, ca, sa or uk; the settings' region when null.</param>
    /// <param name="owner">Who connects it or for whom; company when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<OAuthLink> BeginAsync(
        Provider provider,
        IReadOnlyList<string>? features = null,
        string? dataCentre = null,
        string? owner = null,
        CancellationToken cancellationToken = default) => _calls.GetAsync(
            Paths.With(
                $"api/v1/crm/{ApiName.Of(provider)}/oauth",
                ("features", features is null ? null : string.Join(',', features)),
                ("data_centre", dataCentre),
                ("owner", owner)),
            PlatformJson.Default.OAuthLink,
            cancellationToken);

    /// <summary>Gets a token and calls the provider with it. Role needed: operator.</summary>
    public Task<ConnectionTest> TestAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.PostAsync($"{Path}/{Paths.Part(id)}/test", PlatformJson.Default.ConnectionTest, idempotencyKey: null, cancellationToken);

    /// <summary>Takes the grant back at the provider and forgets it. Role needed: admin.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);
}

[JsonConverter(typeof(ApiNameConverter<Provider>))]
public enum Provider
{
    Unknown,
    Zoho,
    Hubspot,
}

[JsonConverter(typeof(ApiNameConverter<ConnectionState>))]
public enum ConnectionState
{
    Unknown,
    Active,

    /// <summary>Its owner took it back: connect again.</summary>
    Revoked,

    /// <summary>The OAuth client does not fit it: mend the settings.</summary>
    Misconfigured,
}

/// <summary>A connection.</summary>
/// <param name="Id">Stays the same when it is renewed.</param>
/// <param name="Provider">Whose it is.</param>
/// <param name="Owner">Who connected it or for whom.</param>
/// <param name="State">Whether it works.</param>
/// <param name="StateReason">Why it does not, and what to do; null while active.</param>
/// <param name="DataCentre">us, eu, in, au, jp, cn, ca, sa or uk; null for HubSpot.</param>
/// <param name="ApiDomain">Where the provider's product APIs are called.</param>
/// <param name="Features">What it is used for.</param>
/// <param name="GrantedScopes">Empty where the provider did not say.</param>
/// <param name="MissingScopes">What the grant lacks for its features: connect again and accept all of them.</param>
/// <param name="OrganizationIds">Of Books and Inventory, or the HubSpot portal.</param>
/// <param name="CreatedAt">When it was connected first.</param>
/// <param name="LastRefreshedAt">When the provider last gave an access token for it.</param>
/// <param name="Fingerprint">Tells two grants apart, opens nothing.</param>
public sealed record Connection(
    string Id,
    Provider Provider,
    string Owner,
    ConnectionState State,
    string? StateReason,
    string? DataCentre,
    string? ApiDomain,
    IReadOnlyList<string> Features,
    IReadOnlyList<string> GrantedScopes,
    IReadOnlyList<string> MissingScopes,
    IReadOnlyList<string> OrganizationIds,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? LastRefreshedAt,
    string? Fingerprint)
{
    public IReadOnlyList<string> Features { get; init; } = Features ?? [];

    public IReadOnlyList<string> GrantedScopes { get; init; } = GrantedScopes ?? [];

    public IReadOnlyList<string> MissingScopes { get; init; } = MissingScopes ?? [];

    public IReadOnlyList<string> OrganizationIds { get; init; } = OrganizationIds ?? [];
}

/// <summary>A grant to take over: exactly one of <see cref="GrantCode"/> and <see cref="RefreshToken"/>.</summary>
/// <param name="Provider">Whose it is.</param>
public sealed record NewConnection(Provider Provider)
{
    public IReadOnlyList<string>? Features { get; init; }

    public string? DataCentre { get; init; }

    public string? Owner { get; init; }

    /// <summary>Of a self client of Zoho's API console; it lives for 3 to 10 minutes.</summary>
    public string? GrantCode { get; init; }

    public string? RefreshToken { get; init; }

    // a record prints its members: these hold secrets
    public override string ToString() => $"{nameof(NewConnection)} for {Provider}";
}

/// <param name="Url">For a browser.</param>
/// <param name="ExpiresAt">Ask for a new one then.</param>
public sealed record OAuthLink(Uri Url, DateTimeOffset ExpiresAt);

/// <param name="Ok">Whether it works.</param>
/// <param name="Code">What is wrong, machine-read; null when ok.</param>
/// <param name="Message">What was tried, and what to do.</param>
public sealed record ConnectionTest(bool Ok, string? Code, string Message);

internal sealed record ConnectionList(IReadOnlyList<Connection>? Connections);
