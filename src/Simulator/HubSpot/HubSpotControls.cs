using ZohoPlatform.Simulator.Control;

namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>What can be done to HubSpot's side of the world.</summary>
internal static class HubSpotControls
{
    public static void MapHubSpot(this IEndpointRouteBuilder controls)
    {
        controls.MapPost("/hubspot/refresh-tokens", MintRefreshToken);
        controls.MapPost("/hubspot/uninstall", (HubSpotLedger ledger) => new KilledTokens(ledger.Uninstall()));
    }

    private static IResult MintRefreshToken(Body<HubSpotGrantOrder> body, HubSpotDemo demo, HubSpotLedger ledger)
    {
        var portal = HubSpotDemo.FindPortal(body.Value.HubId ?? HubSpotDemo.Portals[0].HubId);
        if (portal is null)
        {
            return ControlProblem.Of("hub_id", $"One of {string.Join(", ", HubSpotDemo.Portals.Select(known => known.HubId))}.");
        }

        var scopes = body.Value.Scopes ?? HubSpotDemo.DemoScopes;
        return scopes.Except(demo.App.Scopes, StringComparer.Ordinal).FirstOrDefault() is { } unknown
            ? ControlProblem.Of("scopes", $"\"{unknown}\" is no scope of the app.")
            : Results.Json(
                new MintedHubSpotToken(ledger.MintRefreshToken(new(portal.HubId, scopes)), portal.HubId),
                statusCode: StatusCodes.Status201Created);
    }

    private sealed record HubSpotGrantOrder(long? HubId, IReadOnlyList<string>? Scopes);

    private sealed record MintedHubSpotToken(string RefreshToken, long HubId);
}
