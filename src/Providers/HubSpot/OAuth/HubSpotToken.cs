namespace ZohoPlatform.Providers.HubSpot.OAuth;

/// <summary>What HubSpot knows of an access token.</summary>
/// <param name="HubId">The portal that it opens, digits.</param>
/// <param name="Scopes">What it may do; empty where HubSpot does not say.</param>
/// <param name="User">The address of the person who gave the grant; null where HubSpot does not say.</param>
public sealed record HubSpotToken(string HubId, IReadOnlyList<string> Scopes, string? User);
