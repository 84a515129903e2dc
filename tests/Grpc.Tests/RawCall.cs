using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace ZohoPlatform.Grpc.Tests;

/// <summary>A request to the test service put together byte by byte, and the answer as it stood on the wire.</summary>
internal sealed class RawCall : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private readonly HttpRequestMessage _request;

    public RawCall(TestHost host, string method)
        : this(new Uri(host.Address, $"/grpc.testing.TestService/{method}"))
    {
    }

    public RawCall(Uri address) => _request = new HttpRequestMessage(HttpMethod.Post, address)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Headers = { { "te", "trailers" } },
    };

    public HttpRequestHeaders Headers => _request.Headers;

    public string ContentType { get; set; } = "application/grpc";

    /// <summary>A frame with a length that need not be true.</summary>
    public static byte[] Frame(byte[] message, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Sends each piece on its own and reads the whole answer.</summary>
    public async Task<Answer> SendAsync(params byte[][] pieces)
    {
        _request.Content = new Pieces(pieces);
        _request.Content.Headers.TryAddWithoutValidation("content-type", ContentType);
        using var response = await _http.SendAsync(_request, CancellationToken.None);
        var body = await response.Content.ReadAsByteArrayAsync();

        return new Answer(response.StatusCode, response.Headers, response.TrailingHeaders, body);
    }

    public void Dispose()
    {
        _request.Dispose();
        _http.Dispose();
    }

    internal sealed record Answer(HttpStatusCode Http, HttpResponseHeaders Headers, HttpResponseHeaders Trailers, byte[] Body)
    {
        public string? Status => Find("grpc-status");

        public string? Message => Find("grpc-message");

        public bool TrailersOnly => Headers.Contains("grpc-status");

        private string? Find(string name) =>
            Headers.TryGetValues(name, out var values) || Trailers.TryGetValues(name, out values) ? values.Single() : null;
    }

    private sealed class Pieces(byte[][] pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var piece in pieces)
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
