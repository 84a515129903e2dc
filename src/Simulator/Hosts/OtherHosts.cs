using ZohoPlatform.Simulator.HubSpot;
using ZohoPlatform.Simulator.Traffic;

namespace ZohoPlatform.Simulator.Hosts;

/// <summary>Everything nobody plays. The answer has a shape no provider has, so that it is never taken for one of theirs.</summary>
internal static class OtherHosts
{
    public static void MapOtherHosts(this IEndpointRouteBuilder routes) => routes.Map("/{host}/{**path}", NotPlayed);

    private static IResult NotPlayed(ProviderCall call)
    {
        call.Outcome = call.IsKnownHost ? "not_played" : "unknown_host";
        return call.IsKnownHost
            ? Results.Json(new UnknownPath("not_played", call.Host, call.Path), statusCode: StatusCodes.Status404NotFound)
            : Results.Json(
                new UnknownHost("unknown_host", call.Host, DataCentre.KnownHosts.Concat(HubSpotHosts.All)),
                statusCode: StatusCodes.Status404NotFound);
    }

    private sealed record UnknownHost(string Simulator, string Host, IEnumerable<string> KnownHosts);

    private sealed record UnknownPath(string Simulator, string Host, string Path);
}
