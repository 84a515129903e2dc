using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.Connections;

/// <summary>Connections, how they fare, and their access tokens: TokenService's.</summary>
internal static class ConnectionsArea
{
    private const string Service = "tokens";

    extension(IHostApplicationBuilder builder)
    {
        public void AddConnectionsArea()
        {
            builder.AddAreaClient<Contracts.Tokens.V1.Connections.ConnectionsClient>(
                Service, repeatable: ["ListConnections", "GetConnection", "ResolveConnection"]);
            builder.AddAreaClient<ConnectionHealth.ConnectionHealthClient>(Service, repeatable: ["GetHealth", "ListHealth", "WatchHealth"]);
            builder.AddAreaClient<AccessTokens.AccessTokensClient>(Service, repeatable: ["GetAccessToken"]);
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapConnectionsArea()
        {
            var connections = routes.MapApi().Needs(Service);
            connections.MapConnections();
            connections.MapConnectionHealth();
            connections.MapAccessTokens();
        }
    }
}
