using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;

namespace ZohoPlatform.Bench.Grpc;

/// <summary>
/// The least that Kestrel can do with the same bytes: no routing, no message, no status, no trailers. A post is read to its end and its
/// bytes are returned, as they came or as often as the query <c>times</c> says, with a flush for each as a stream of messages has.
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

        if (http.Request.QueryString.HasValue)
        {
            var times = int.Parse(http.Request.Query["times"].ToString(), CultureInfo.InvariantCulture);

            for (var i = 0; i < times; i++)
            {
                Write(read.Buffer, response);
                await response.FlushAsync(http.RequestAborted);
            }
        }
        else
        {
            Write(read.Buffer, response);
        }

        request.AdvanceTo(read.Buffer.End);
    }

    private static void Write(ReadOnlySequence<byte> bytes, PipeWriter response)
    {
        foreach (var part in bytes)
        {
            response.Write(part.Span);
        }
    }
}
