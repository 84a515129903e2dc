using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>Answers gRPC requests for methods and services that nobody mapped, and leaves every other request alone.</summary>
internal sealed class UnimplementedEndpoints(IOptions<GrpcServiceOptions> options)
{
    public const string ConstraintName = "grpcunimplemented";

    private readonly HashSet<string> _mapped = [];

    public void Map(IEndpointRouteBuilder builder, string serviceName)
    {
        if (_mapped.Add(serviceName))
        {
            Map(builder, $"{serviceName}/{{unimplementedMethod:{ConstraintName}}}", "Method is unimplemented.");
        }

        if (options.Value.IgnoreUnknownServices is not true && _mapped.Add(""))
        {
            Map(builder, $"{{unimplementedService}}/{{unimplementedMethod:{ConstraintName}}}", "Service is unimplemented.");
        }
    }

    private static void Map(IEndpointRouteBuilder builder, string pattern, string detail) => builder
        .MapPost(pattern, http =>
        {
            ServerStatus.Refuse(http.Response, StatusCodes.Status200OK, new Status(StatusCode.Unimplemented, detail));
            return Task.CompletedTask;
        })
        .WithDisplayName($"gRPC - {detail}");

    /// <summary>
    /// Matches gRPC requests only, and no path that is mapped: else the router would have three endpoints to choose from at every call.
    /// </summary>
    internal sealed class Constraint : IRouteConstraint, IParameterLiteralNodeMatchingPolicy
    {
        public bool MatchesLiteral(string parameterName, string literal) => false;

        public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null && Headers.IsGrpc(httpContext.Request.ContentType);
    }
}
