namespace ZohoPlatform.Providers.HubSpot;

/// <summary>HubSpot's hosts. One serves all of its data centres (HubSpot, "Working with OAuth").</summary>
public static class HubSpotHosts
{
    /// <summary>Scheme and host of every API, tokens included.</summary>
    public const string ApiDomain = "https://api.hubapi.com";

    /// <summary>Where a person consents; leads accounts of the EU data centre to their own host.</summary>
    public const string ConsentPage = "https://app.hubspot.com/oauth/authorize";
}
