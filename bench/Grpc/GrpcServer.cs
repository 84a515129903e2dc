using Grpc.Core;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>Our runtime as services use it, with nothing set.</summary>
internal static class GrpcServer
{
    public const string Name = "grpc";

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

        public override async Task Repeat(RepeatRequest request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
        {
            for (var i = 0; i < request.Times; i++)
            {
                await responseStream.WriteAsync(request.Message, context.CancellationToken);
            }
        }

        public override async Task Chat(
            IAsyncStreamReader<EchoMessage> requestStream, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
        {
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(message, context.CancellationToken);
            }
        }
    }
}
