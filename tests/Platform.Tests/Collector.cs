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

/// <summary>
/// Where services send their telemetry by OTLP: it keeps what a span is and when it began, and what is logged as an error, and takes all else.
/// </summary>
internal sealed class Collector : IAsyncDisposable
{
    // of ExportTraceServiceRequest, ResourceSpans and ScopeSpans what is in the next, and of Span its name and its start
    private const int ResourceSpans = 1;
    private const int ScopeSpans = 2;
    private const int Spans = 2;
    private const int Name = 5;
    private const int Start = 7;

    // of LogRecord, KeyValue and AnyValue; lists of them are nested as those of spans are
    private const int Severity = 2;
    private const int Body = 5;
    private const int Attributes = 6;
    private const int Value = 2;
    private const int Text = 1;
    private const ulong Error = 17;

    // a message's flag and length
    private const int Prefix = 5;

    private static readonly byte[] Empty = new byte[Prefix];

    private readonly ConcurrentQueue<(string Name, DateTimeOffset Began)> _spans = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>The names of those that began after a moment and have come so far.</summary>
    public IReadOnlyList<string> SpansSince(DateTimeOffset moment) =>
        [.. _spans.Where(span => span.Began > moment).Select(span => span.Name)];

    /// <summary>What was logged as an error, with its attributes, and has come so far.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

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
        var records = Fields(body.ToArray().AsMemory(Prefix), ResourceSpans)
            .SelectMany(resource => Fields(resource, ScopeSpans))
            .SelectMany(scope => Fields(scope, Spans));
        if (context.Request.Path.Value!.Contains("TraceService", StringComparison.Ordinal))
        {
            foreach (var span in records)
            {
                _spans.Enqueue((
                    Encoding.UTF8.GetString(Fields(span, Name).Single().Span),
                    DateTimeOffset.UnixEpoch.AddTicks((long)(NumberOf(span, Start) / TimeSpan.NanosecondsPerTick))));
            }
        }
        else if (context.Request.Path.Value!.Contains("LogsService", StringComparison.Ordinal))
        {
            foreach (var record in records.Where(record => NumberOf(record, Severity) >= Error))
            {
                var values = Fields(record, Body).Concat(Fields(record, Attributes).SelectMany(attribute => Fields(attribute, Value)));
                _errors.Enqueue(string.Join(
                    Environment.NewLine, values.SelectMany(value => Fields(value, Text)).Select(text => Encoding.UTF8.GetString(text.Span))));
            }
        }

        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(Empty);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static ulong NumberOf(ReadOnlyMemory<byte> message, int number) =>
        Fields(message, number) is [.., var last] ? BinaryPrimitives.ReadUInt64LittleEndian(last.Span) : 0;

    private static byte[] Bytes(ulong number)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
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
                    found.Add(Bytes(input.ReadFixed64()));
                    break;
                case WireFormat.WireType.Varint when WireFormat.GetTagFieldNumber(tag) == number:
                    found.Add(Bytes(input.ReadUInt64()));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return found;
    }
}
