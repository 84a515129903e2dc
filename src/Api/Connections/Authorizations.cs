using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Connections;

/// <summary>A page for a person without a key, who connects there.</summary>
/// <param name="Id">The <see cref="Authorization"/> that it leads to.</param>
/// <param name="Url">For a browser. Whoever has it can connect an account of theirs, once.</param>
/// <param name="ExpiresAt">Ask for a new one then.</param>
public sealed record OAuthLink(string Id, Uri Url, DateTimeOffset ExpiresAt);

/// <summary>How far a person has come.</summary>
[JsonConverter(typeof(ApiNameConverter<AuthorizationState>))]
public enum AuthorizationState
{
    Unknown,

    /// <summary>Nobody has gone on from the link's page.</summary>
    Waiting,

    /// <summary>A browser was sent to the provider.</summary>
    Opened,
    Connected,
    Failed,

    /// <summary>Nobody came back in time.</summary>
    Expired,
}

/// <summary>A person's way to a provider and back. It is known for an hour after its end.</summary>
/// <param name="Id">A uuid.</param>
/// <param name="Provider">zoho or hubspot.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Features">Those asked for and those that the owner's connections serve already.</param>
/// <param name="Scopes">What the provider is asked for.</param>
/// <param name="DataCentre">Zoho: where the client is registered.</param>
/// <param name="Owner">Who connects it or for whom.</param>
/// <param name="ExpiresAt">Until then the link must be opened, and then the browser be back.</param>
/// <param name="ConnectionId">What was connected; absent before.</param>
/// <param name="Failure">Why nothing was connected, and what to do; absent unless it failed.</param>
public sealed record Authorization(
    string Id,
    string Provider,
    AuthorizationState State,
    IReadOnlyList<string> Features,
    IReadOnlyList<string> Scopes,
    string? DataCentre,
    string Owner,
    DateTimeOffset ExpiresAt,
    string? ConnectionId,
    AuthorizationFailure? Failure);

/// <summary>Why nothing was connected.</summary>
/// <param name="Code">Stable.</param>
/// <param name="Message">What happened and what to do.</param>
public sealed record AuthorizationFailure(string Code, string Message);
