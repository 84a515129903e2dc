using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>A browser's way to a provider and back. It calls TokenService with the client that the connections' area registers.</summary>
internal static class OAuthArea
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddOAuthArea() => builder.Services.AddSingleton<ConnectLinks>();
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOAuthArea() => routes.MapGroup("").Needs("tokens").MapOAuth();
    }
}
