namespace ZohoPlatform.Providers.HubSpot.OAuth;

/// <summary>The portal that an access token opens.</summary>
/// <param name="PortalId">HubSpot's id of it, digits; the same as <c>hub_id</c>.</param>
/// <param name="UiDomain">Host of its pages for people, such as <c>app-eu1.hubspot.com</c>; null where HubSpot does not say.</param>
public sealed record HubSpotAccount(string PortalId, string? UiDomain);
