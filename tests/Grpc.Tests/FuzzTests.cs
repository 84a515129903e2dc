using System.Globalization;
using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace ZohoPlatform.Grpc.Tests;

/// <summary>Random and mutated input; each test runs for less than a second with seeds that it prints.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Limit = 8 * 1024;

    private const string Printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    private const string NameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-_!#$%&'*+^`|~";

    [Fact]
    public Task Frames_that_nobody_touched_are_read_as_written_however_they_are_cut() => Fuzz.RunAsync(output, async random =>
    {
        var (bytes, messages) = Stream(random);
        var reader = Reader(random, bytes);
        List<SimpleRequest> read = [];

        while (await reader.ReadAsync(CancellationToken.None) is { } message)
        {
            read.Add(message);
        }

        Assert.Equal(messages, read);
    });

    [Fact]
    public Task Frames_that_somebody_touched_end_in_a_status() => Fuzz.RunAsync(output, async random =>
    {
        var bytes = random.Next(4) == 0 ? random.Bytes(200) : random.Mutate(Stream(random).Bytes);
        var (many, one) = (Reader(random, bytes), Reader(random, bytes));

        await EndsAsync(async () =>
        {
            while (await many.ReadAsync(CancellationToken.None) is not null)
            {
            }
        });
        await EndsAsync(async () => await one.ReadSingleAsync(CancellationToken.None));

        static async Task EndsAsync(Func<Task> read)
        {
            try
            {
                await read();
            }
            catch (RpcException e)
            {
                Assert.Contains(e.StatusCode, new[] { StatusCode.Internal, StatusCode.ResourceExhausted });
            }
        }
    });

    [Fact]
    public Task A_timeout_is_read_or_refused_and_never_comes_out_shorter() => Fuzz.RunAsync(output, random =>
    {
        if (Timeouts.TryDecode(random.Text("0123456789numSMH -+.x\u0663", 12), out var read))
        {
            Assert.True(read >= TimeSpan.Zero);
            Assert.True(Timeouts.FromNow(read) <= DateTime.MaxValue);
        }

        var wanted = new TimeSpan(random.NextInt64(1, TimeSpan.MaxValue.Ticks) >> random.Next(63));
        var encoded = Timeouts.Encode(wanted);
        Assert.True(Timeouts.TryDecode(encoded, out var decoded), encoded);
        Assert.True(decoded >= wanted || encoded == "99999999H", $"{wanted} became {encoded}");

        var (digits, unit) = (random.Next(1, 100_000_000), random.GetItems<char>("numSMH", 1)[0]);
        Assert.True(Timeouts.TryDecode(string.Create(CultureInfo.InvariantCulture, $"{digits}{unit}"), out _));

        return Task.CompletedTask;
    });

    [Fact]
    public Task Headers_become_metadata_or_an_internal_error() => Fuzz.RunAsync(output, random =>
    {
        var name = random.Text(NameCharacters, 12) + (random.Next(2) == 0 ? "-bin" : "");
        var value = random.Text(random.Next(2) == 0 ? Printable : "ABCDEFGHabcdefgh0123+/=, ", 24);

        if (name.Length > 0 && !Headers.IsReserved(name) && Record.Exception(() => new Metadata().AddReceived(name, value)) is { } failure)
        {
            Assert.EndsWith("-bin", name, StringComparison.Ordinal);
            Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(failure).StatusCode);
        }

        var bytes = random.Bytes(40);
        var read = new Metadata();
        read.AddReceived("a-bin", new Metadata.Entry("a-bin", bytes).ToHeaderValue().TrimEnd(random.Next(2) == 0 ? '=' : '-'));
        Assert.Equal(bytes, read.GetValueBytes("a-bin"));

        return Task.CompletedTask;
    });

    [Fact]
    public Task A_status_and_its_message_survive_the_way() => Fuzz.RunAsync(output, random =>
    {
        Assert.True(!Headers.TryParseStatus(random.Text("0123456789-+ x", 12), out var code) || Enum.IsDefined(code));
        Assert.NotNull(Headers.DecodeMessage(random.Text(Printable + "%%%%%%%%", 24)));

        var message = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Character(random)));
        var encoded = Headers.EncodeMessage(message);
        Assert.DoesNotContain(encoded, c => c is < ' ' or > '~');
        Assert.Equal(message, Headers.DecodeMessage(encoded));

        return Task.CompletedTask;

        static string Character(Random random) => random.Next(3) switch
        {
            0 => random.GetItems<char>(Printable, 1)[0].ToString(),
            1 => ((char)random.Next(0x20)).ToString(),
            _ => char.ConvertFromUtf32(random.Next(0xe000, 0x110000)),
        };
    });

    [Fact]
    public async Task The_server_answers_whatever_it_is_sent()
    {
        await using var host = await TestHost.StartAsync(grpc => grpc.MaxReceiveMessageSize = Limit);
        host.Handlers.Unary = (_, context) => Task.FromResult(new SimpleResponse { Username = $"{context.RequestHeaders.Count} headers" });
        host.Handlers.Input = async (requests, context) =>
        {
            await foreach (var _ in requests.ReadAllAsync(context.CancellationToken))
            {
            }

            return new();
        };

        await Fuzz.RunAsync(output, async random =>
        {
            using var raw = new RawCall(host, random.GetItems(["UnaryCall", "StreamingInputCall", "StreamingOutputCall"], 1)[0]);
            raw.Headers.TryAddWithoutValidation("grpc-encoding", random.GetItems(["gzip", "gzip", "identity", "br", ""], 1)[0]);
            raw.Headers.TryAddWithoutValidation("grpc-accept-encoding", random.Text("gzip,identy ", 20));
            raw.Headers.TryAddWithoutValidation("x-fuzz-bin", random.Text("ABCabc012+/=,", 16));

            if (random.Next(4) == 0)
            {
                raw.Headers.TryAddWithoutValidation("grpc-timeout", random.Text("0123456789numSMHx", 9));
            }

            var bytes = Stream(random).Bytes;
            var answer = await raw.SendAsync(random.Next(3) == 0 ? bytes : random.Mutate(bytes));

            // 2 would be an exception that nobody expected
            Assert.Contains(answer.Status, new[] { "0", "4", "8", "12", "13" });
        });
    }

    [Fact]
    public async Task The_client_makes_a_status_of_whatever_it_is_answered()
    {
        var next = Answer(new Random(0));
        await using var host = await TestHost.StartRawAsync(context => next(context.Response));

        await Fuzz.RunAsync(output, async random =>
        {
            next = Answer(random);

            using var unary = host.Client.UnaryCallAsync(new());
            await EndsAsync(unary.ResponseAsync);

            using var stream = host.Client.StreamingOutputCall(new());
            await EndsAsync(Task.Run(async () =>
            {
                while (await stream.ResponseStream.MoveNext())
                {
                }
            }));
        });

        static async Task EndsAsync(Task call)
        {
            try
            {
                await call;
            }
            catch (RpcException)
            {
                // any status will do; any other exception will not
            }
        }
    }

    /// <summary>An answer, made up before it is asked for: the random source is for one thread.</summary>
    private static Func<HttpResponse, Task> Answer(Random random)
    {
        var http = random.GetItems([200, 200, 200, 200, 404, 503], 1)[0];
        var contentType = random.GetItems(["application/grpc", "application/grpc", "application/grpc+proto", "text/html"], 1)[0];
        var encoding = random.GetItems(["gzip", "gzip", "identity", "br"], 1)[0];
        var (header, trailer) = (random.Text("ABCabc012+/=,", 16), random.Text("ABCabc012+/=,", 16));
        var only = random.Next(6) == 0 ? random.Text("0123456789x", 3) : null;
        var bytes = random.Next(3) == 0 ? Stream(random).Bytes : random.Mutate(Stream(random).Bytes);
        var (status, message) = (random.GetItems(["0", "0", "0", "5", "x", "99"], 1)[0], random.Text(Printable, 10));

        return async response =>
        {
            response.StatusCode = http;
            response.ContentType = contentType;
            response.Headers.GrpcEncoding = encoding;
            response.Headers["x-fuzz-bin"] = header;

            if (only is not null)
            {
                response.Headers.GrpcStatus = only;
                return;
            }

            await response.Body.WriteAsync(bytes);
            response.AppendTrailer("grpc-status", status);
            response.AppendTrailer("grpc-message", message);
            response.AppendTrailer("x-fuzz-bin", trailer);
        };
    }

    /// <summary>A few messages, some of them packed, as they stand on the wire.</summary>
    private static (byte[] Bytes, List<SimpleRequest> Messages) Stream(Random random)
    {
        using var stream = new PooledBuffer();
        var writer = new MessageWriter(stream, null);
        List<SimpleRequest> messages = [];

        for (var left = random.Next(5); left > 0; left--)
        {
            var message = new SimpleRequest
            {
                ResponseSize = random.Next(100),
                Payload = new() { Body = ByteString.CopyFrom(random.Next(2) == 0 ? random.Bytes(1000) : new byte[random.Next(Limit / 2)]) },
            };
            messages.Add(message);
            writer.Write(
                message,
                static (message, context) =>
                {
                    context.SetPayloadLength(message.CalculateSize());
                    message.WriteTo(context.GetBufferWriter());
                    context.Complete();
                },
                compress: random.Next(2) == 0);
        }

        return (stream.Written.ToArray(), messages);
    }

    private static MessageReader<SimpleRequest> Reader(Random random, byte[] bytes) =>
        new(
            PipeReader.Create(new Pieces(bytes, random)),
            static context => SimpleRequest.Parser.ParseFrom(context.PayloadAsReadOnlySequence()),
            Limit)
        {
            Encoding = Compression.Gzip,
        };

    /// <summary>Gives as many bytes at once as it likes.</summary>
    private sealed class Pieces(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var most = random.Next(3) == 0 ? random.Next(1, 6) : random.Next(1, 2000);
            return ValueTask.FromResult(Read(buffer.Span[..Math.Min(buffer.Length, most)]));
        }
    }
}
