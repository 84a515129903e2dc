namespace ZohoPlatform.Simulator.Hosts;

/// <summary><c>{host:zoho(Accounts)}</c> in a route: the segment is a provider host with that role.</summary>
internal sealed class ZohoHostConstraint(string role) : IRouteConstraint
{
    private readonly HostRole _role = Enum.Parse<HostRole>(role);

    public bool Match(
        HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string host && DataCentre.OfHost(host) is { } known && known.Role == _role;
}
