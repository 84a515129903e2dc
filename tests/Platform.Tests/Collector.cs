using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Platform.Tests;

/// <summary>Where services send their telemetry by OTLP: it keeps the names of spans, and takes all else.</summary>
internal sealed class Collector : IAsyncDisposable
{
    // of ExportTraceServiceRequest, ResourceSpans and ScopeSpans what is in the next, and of Span its name
    private const int ResourceSpans = 1;
    private const int ScopeSpans = 2;
    private const int Spans = 2;
    private const int Name = 5;

    // a message's flag and length
    private const int Prefix = 5;

    private static readonly byte[] Empty = new byte[Prefix];

    private readonly ConcurrentQueue<string> _spans = new();
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>All that have come so far.</summary>
    public IReadOnlyList<string> Names => [.. _spans];

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        var collector = new Collector(app);
        app.MapPost("/{service}/Export", collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (context.Request.Path.Value!.Contains("TraceService", StringComparison.Ordinal))
        {
            foreach (var span in Fields(body.ToArray().AsMemory(Prefix), ResourceSpans)
                .SelectMany(resource => Fields(resource, ScopeSpans))
                .SelectMany(scope => Fields(scope, Spans)))
            {
                _spans.Enqueue(Encoding.UTF8.GetString(Fields(span, Name).Single().Span));
            }
        }

        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(Empty);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        using var input = new CodedInputStream(message.ToArray());
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == number && WireFormat.GetTagWireType(tag) is WireFormat.WireType.LengthDelimited)
            {
                found.Add(input.ReadBytes().Memory);
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }
}
