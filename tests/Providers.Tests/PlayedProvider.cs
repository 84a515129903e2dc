using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ZohoPlatform.Providers.Tests;

/// <summary>The other end of the wire: answers what a test says, in order, the last answer for ever, and keeps what it was sent.</summary>
internal sealed class PlayedProvider : HttpMessageHandler
{
    private readonly ConcurrentQueue<Func<CancellationToken, Task<HttpResponseMessage>>> _answers = new();
    private readonly ConcurrentQueue<Received> _requests = new();
    private Func<CancellationToken, Task<HttpResponseMessage>>? _last;

    public IReadOnlyList<Received> Requests => [.. _requests];

    /// <summary>Told when somebody waits for what never comes.</summary>
    public Action Waits { get; set; } = () => { };

    public PlayedProvider Answers(
        string body, HttpStatusCode status = HttpStatusCode.OK, string contentType = "application/json;charset=UTF-8",
        TimeSpan? retryAfter = null) =>
        Answers(System.Text.Encoding.UTF8.GetBytes(body), status, contentType, response =>
            response.Headers.RetryAfter = retryAfter is { } wait ? new RetryConditionHeaderValue(wait) : null);

    /// <summary>Says something in headers, too.</summary>
    public PlayedProvider Answers(string body, params (string Name, string Value)[] headers) => Answers(body, HttpStatusCode.OK, headers);

    public PlayedProvider Answers(string body, HttpStatusCode status, params (string Name, string Value)[] headers) => Answers(
        System.Text.Encoding.UTF8.GetBytes(body), status, "application/json",
        response =>
        {
            foreach (var (name, value) in headers)
            {
                response.Headers.Add(name, value);
            }
        });

    public PlayedProvider AnswersFile(byte[] file) => Answers(file, HttpStatusCode.OK, "application/octet-stream", _ => { });

    private PlayedProvider Answers(byte[] body, HttpStatusCode status, string contentType, Action<HttpResponseMessage> complete)
    {
        _answers.Enqueue(_ =>
        {
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            var response = new HttpResponseMessage(status) { Content = content };
            complete(response);
            return Task.FromResult(response);
        });
        return this;
    }

    public PlayedProvider BreaksTheConnection()
    {
        _answers.Enqueue(_ => Task.FromException<HttpResponseMessage>(new HttpRequestException("Connection reset by peer")));
        return this;
    }

    public PlayedProvider NeverAnswers()
    {
        _answers.Enqueue(async cancellationToken =>
        {
            Waits();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("An infinite wait ended.");
        });
        return this;
    }

    public PlayedProvider BeginsToAnswer()
    {
        _answers.Enqueue(_ => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new EndlessStream(() => Waits())) }));
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _requests.Enqueue(new Received(
            request.Method,
            request.RequestUri!.AbsoluteUri,
            request.Headers.Authorization?.ToString(),
            request.Content?.Headers.ContentType?.MediaType,
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
            request.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (_answers.TryDequeue(out var next))
        {
            _last = next;
        }

        var response = await (_last ?? throw new InvalidOperationException("The test gave no answer."))(cancellationToken);
        response.RequestMessage = request;
        return response;
    }

    internal sealed record Received(
        HttpMethod Method, string Address, string? Authorization, string? ContentType, string Body, IReadOnlyDictionary<string, string> Headers)
    {
        /// <summary>The decoded form.</summary>
        public IReadOnlyDictionary<string, string> Form => Decode(Body);

        /// <summary>The decoded query.</summary>
        public IReadOnlyDictionary<string, string> Query => Decode(new Uri(Address).Query.TrimStart('?'));

        /// <summary>The body as JSON.</summary>
        public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

        public string Path => new Uri(Address).AbsolutePath;

        private static Dictionary<string, string> Decode(string pairs) => pairs.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => WebUtility.UrlDecode(pair[0]), pair => WebUtility.UrlDecode(pair[1]), StringComparer.Ordinal);
    }

    // headers came, the body never does
    private sealed class EndlessStream(Action waits) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            waits();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
