using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>Grpc.AspNetCore with nothing set: the least that any gRPC service here costs, and what others are measured beside.</summary>
internal static class EchoServer
{
    public const string Name = "echo";

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc();

        var app = builder.Build();

        app.MapGrpcService<EchoService>();
        app.MapGrpcService<KnownAnswer>();
        return app;
    }

    /// <summary>The answer of the token service, from memory, to whoever asks.</summary>
    private sealed class KnownAnswer : AccessTokens.AccessTokensBase
    {
        // as long as those that TokenBed makes
        private static readonly Task<GetAccessTokenResponse> Answer = Task.FromResult(new GetAccessTokenResponse
        {
            AccessToken = $"1000.{new string('f', 32)}.{new string('f', 32)}",
            ExpiresAt = new DateTime(2030, 1, 1, 0, 0, 0, 1, DateTimeKind.Utc).ToTimestamp(),
            ApiDomain = "https://www.zohoapis.com",
            DataCentre = "us",
            ConnectionId = Guid.Empty.ToString(),
            GrantedScopes = { "ZohoCampaigns.contact.ALL" },
            Version = 1,
            AuthorizationScheme = "Zoho-oauthtoken",
        });

        public override Task<GetAccessTokenResponse> GetAccessToken(GetAccessTokenRequest request, ServerCallContext context) => Answer;
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context) => Task.FromResult(request);
    }
}
