using ZohoPlatform.Gateway.Rest.Docs;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>One area of the API as its folder registers it: what it needs, and its endpoints.</summary>
/// <param name="Add">Its clients and services.</param>
/// <param name="Map">Its endpoints.</param>
internal sealed record Area(Action<IHostApplicationBuilder> Add, Action<IEndpointRouteBuilder> Map);

internal static class AreaRoutes
{
    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>Endpoints that take an API key, and how each of them may fail.</summary>
        public RouteGroupBuilder MapApi()
        {
            var group = routes.MapGroup("").Fails(401, 403, 429, 500, 503);
            // all but those that leave unknown parameters alone
            ((IEndpointConventionBuilder)group).Finally(endpoint =>
            {
                if (!endpoint.Metadata.OfType<AnyParameters>().Any())
                {
                    endpoint.Metadata.Add(EndpointDocs.Failing(StatusCodes.Status400BadRequest));
                }
            });
            return group;
        }
    }
}
