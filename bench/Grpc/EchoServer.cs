using Grpc.Core;

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
        return app;
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context) => Task.FromResult(request);
    }
}
