using System.Buffers;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>
/// The least that Kestrel can do with the same bytes: no routing, no message, no status, no trailers. A post is read to its end and its
/// bytes are returned as they came.
/// </summary>
internal static class BareServer
{
    public const string Name = "bare";

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        var app = builder.Build();

        app.Run(AnswerAsync);
        return app;
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        var request = http.Request.BodyReader;
        var response = http.Response.BodyWriter;
        var read = await request.ReadAsync(http.RequestAborted);

        while (!read.IsCompleted)
        {
            request.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await request.ReadAsync(http.RequestAborted);
        }

        http.Response.ContentType = "application/grpc";

        foreach (var part in read.Buffer)
        {
            response.Write(part.Span);
        }

        request.AdvanceTo(read.Buffer.End);
    }
}
