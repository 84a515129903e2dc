namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>What a host of HubSpot is for.</summary>
internal enum HubSpotRole
{
    Api,
    App,
}

/// <summary>HubSpot's hosts: one for the API of all its data centres, and pages that also answer under the name of the EU's.</summary>
internal static class HubSpotHosts
{
    public const string Api = "api.hubapi.com";
    public const string App = "app.hubspot.com";
    public const string EuApp = "app-eu1.hubspot.com";

    public static IReadOnlyList<string> All { get; } = [Api, App, EuApp];

    public static HubSpotRole? RoleOf(string host) => host.ToLowerInvariant() switch
    {
        Api => HubSpotRole.Api,
        App or EuApp => HubSpotRole.App,
        _ => null,
    };
}

/// <summary><c>{host:hubspot(Api)}</c> in a route: the segment is a host of HubSpot with that role.</summary>
internal sealed class HubSpotHostConstraint(string role) : IRouteConstraint
{
    private readonly HubSpotRole _role = Enum.Parse<HubSpotRole>(role);

    public bool Match(
        HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string host && HubSpotHosts.RoleOf(host) == _role;
}
