using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Platform.Tests;

/// <summary>Where services send their telemetry by OTLP: it keeps what a span is and when it began, and takes all else.</summary>
internal sealed class Collector : IAsyncDisposable
{
    // of ExportTraceServiceRequest, ResourceSpans and ScopeSpans what is in the next, and of Span its name and its start
    private const int ResourceSpans = 1;
    private const int ScopeSpans = 2;
    private const int Spans = 2;
    private const int Name = 5;
    private const int Start = 7;

    // a message's flag and length
    private const int Prefix = 5;

    private static readonly byte[] Empty = new byte[Prefix];

    private readonly ConcurrentQueue<(string Name, DateTimeOffset Began)> _spans = new();
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>The names of those that began after a moment and have come so far.</summary>
    public IReadOnlyList<string> SpansSince(DateTimeOffset moment) =>
        [.. _spans.Where(span => span.Began > moment).Select(span => span.Name)];

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
                var began = BinaryPrimitives.ReadUInt64LittleEndian(Fields(span, Start).Single().Span);
                _spans.Enqueue((
                    Encoding.UTF8.GetString(Fields(span, Name).Single().Span),
                    DateTimeOffset.UnixEpoch.AddTicks((long)(began / TimeSpan.NanosecondsPerTick))));
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
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited when WireFormat.GetTagFieldNumber(tag) == number:
                    found.Add(input.ReadBytes().Memory);
                    break;
                case WireFormat.WireType.Fixed64 when WireFormat.GetTagFieldNumber(tag) == number:
                    var value = new byte[sizeof(ulong)];
                    BinaryPrimitives.WriteUInt64LittleEndian(value, input.ReadFixed64());
                    found.Add(value);
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return found;
    }
}
