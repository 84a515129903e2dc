using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZohoPlatform.Api;

namespace ZohoPlatform.Client.Http;

/// <summary>How every call goes out and comes back: attempts, time limits, and a failure as a <see cref="PlatformException"/>.</summary>
internal sealed class GatewayCalls(HttpClient http, TimeProvider clock)
{
    private const string JsonMediaType = "application/json";

    // longer than the gateway takes: its own limits end a request with a better answer
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    public TimeProvider Clock => clock;

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        RepeatAsync(() => Request(HttpMethod.Get, path, JsonMediaType), answer => ReadAsync(answer, type), cancellationToken);

    public Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync(path, () => null, answer => ReadAsync(answer, type), idempotencyKey, cancellationToken);

    public Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> type,
        string? idempotencyKey,
        CancellationToken cancellationToken) =>
        PostAsync(path, () => Content(body, bodyType), answer => ReadAsync(answer, type), idempotencyKey, cancellationToken);

    /// <summary>A change to what is said, which may be said twice; with <paramref name="etag"/> only to what it was.</summary>
    public Task<TAnswer> PatchAsync<TBody, TAnswer>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> type,
        CancellationToken cancellationToken,
        string? etag = null) => RepeatAsync(
        () =>
        {
            var request = Request(HttpMethod.Patch, path, JsonMediaType);
            if (etag is not null)
            {
                request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{etag}\""));
            }

            request.Content = Content(body, bodyType);
            return request;
        },
        answer => ReadAsync(answer, type),
        cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        RepeatAsync(() => Request(HttpMethod.Delete, path, JsonMediaType), static _ => Task.FromResult(true), cancellationToken);

    /// <summary>A deletion that goes on after its answer, which says how far it is.</summary>
    public Task<T> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        RepeatAsync(() => Request(HttpMethod.Delete, path, JsonMediaType), answer => ReadAsync(answer, type), cancellationToken);

    /// <summary>One attempt with a body that can be read only once.</summary>
    public async Task<T> UploadAsync<T>(string path, HttpContent content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        // not disposed: it would close the caller's stream
        var request = Request(HttpMethod.Post, path, JsonMediaType);
        request.Content = content;
        // a gateway that refuses does so before the file is sent
        request.Headers.ExpectContinue = true;
        using var answer = await SendAsync(request, cancellationToken, cancellationToken);
        return await ReadAsync(answer, type);
    }

    /// <summary>The body as it comes, without a limit of its own; the caller disposes the answer.</summary>
    public Task<HttpResponseMessage> OpenAsync(string path, string accept, string? lastEventId, CancellationToken cancellationToken) =>
        RepeatAsync(
            async () =>
            {
                using var request = Request(HttpMethod.Get, path, accept);
                if (lastEventId is not null)
                {
                    request.Headers.Add("Last-Event-ID", lastEventId);
                }

                using var limit = new CancellationTokenSource(AttemptLimit, clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                return await SendAsync(request, both.Token, cancellationToken);
            },
            cancellationToken);

    /// <summary>The answer's body as it comes. Only its reading can be the gateway's fault.</summary>
    public async Task CopyAsync(HttpResponseMessage answer, Stream destination, CancellationToken cancellationToken)
    {
        var source = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            int count;
            try
            {
                count = await source.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (IsTransport(e, cancellationToken))
            {
                throw Unreachable(e);
            }

            if (count == 0)
            {
                return;
            }

            await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    /// <summary>The transport broke off or was too slow: neither is an answer.</summary>
    public PlatformException Unreachable(Exception inner)
    {
        var address = $"{http.BaseAddress!.Scheme}://{http.BaseAddress.Authority}";
        var why = inner switch
        {
            OperationCanceledException => "it did not answer in time",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "no secure connection came about",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "no connection came about",
            _ => "the connection broke off",
        };
        return new PlatformException(null, "gateway_unreachable", $"The gateway at {address} cannot be reached: {why}.", inner);
    }

    private Task<T> PostAsync<T>(
        string path,
        Func<HttpContent?> body,
        Func<HttpResponseMessage, Task<T>> read,
        string? idempotencyKey,
        CancellationToken cancellationToken)
    {
        var key = idempotencyKey ?? Guid.NewGuid().ToString("N");
        return RepeatAsync(
            () =>
            {
                var request = Request(HttpMethod.Post, path, JsonMediaType);
                request.Headers.Add("Idempotency-Key", key);
                request.Content = body();
                return request;
            },
            read,
            cancellationToken);
    }

    private Task<T> RepeatAsync<T>(
        Func<HttpRequestMessage> create, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancellationToken) =>
        RepeatAsync(
            async () =>
            {
                using var request = create();
                using var limit = new CancellationTokenSource(AttemptLimit, clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                using var answer = await SendAsync(request, both.Token, cancellationToken);
                try
                {
                    // within the attempt's limit: what is read later is in memory
                    await answer.Content.LoadIntoBufferAsync(both.Token);
                }
                catch (Exception e) when (IsTransport(e, cancellationToken))
                {
                    throw Unreachable(e);
                }

                return await read(answer);
            },
            cancellationToken);

    private async Task<T> RepeatAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await attempt();
            }
            catch (PlatformException e) when (i < Pauses.Length && PauseAfter(e, Pauses[i]) is { } pause)
            {
                await Task.Delay(pause, clock, cancellationToken);
            }
        }
    }

    private static TimeSpan? PauseAfter(PlatformException failure, TimeSpan usual)
    {
        var passes = failure.Status is null
                or HttpStatusCode.TooManyRequests
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout
            // an attempt that got lost on the way back is still being served
            || failure.Code == "idempotency_in_progress";
        return passes && (failure.RetryAfter ?? usual) is var pause && pause <= LongestWait ? pause : null;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken, CancellationToken callers)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (IsTransport(e, callers))
        {
            throw Unreachable(e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await FailureAsync(answer, cancellationToken, callers);
        }
    }

    private static bool IsTransport(Exception exception, CancellationToken callers) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !callers.IsCancellationRequested);

    private static HttpRequestMessage Request(HttpMethod method, string path, string accept)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return request;
    }

    private static ByteArrayContent Content<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue(JsonMediaType);
        return content;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type)
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(), type) is { } value)
            {
                return value;
            }
        }
        catch (JsonException e)
        {
            throw Unreadable(answer, e);
        }

        throw Unreadable(answer, null);
    }

    private static PlatformException Unreadable(HttpResponseMessage answer, JsonException? inner) => new(
        answer.StatusCode,
        "answer_unreadable",
        "The answer is not the gateway's: check the address, and whether client and gateway are of the same version.",
        inner);

    private async Task<PlatformException> FailureAsync(
        HttpResponseMessage answer, CancellationToken cancellationToken, CancellationToken callers)
    {
        Problem? problem = null;
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType is "application/problem+json")
            {
                problem = await JsonSerializer.DeserializeAsync(
                    await answer.Content.ReadAsStreamAsync(cancellationToken), PlatformJson.Default.Problem, cancellationToken);
            }
        }
        catch (Exception e) when (e is JsonException || IsTransport(e, callers))
        {
            // the status says enough
        }

        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        return new PlatformException(
            answer.StatusCode,
            problem?.Code ?? $"status_{status}",
            problem?.Detail ?? $"The address answered {status} without saying why: check that it is the gateway's.")
        {
            Errors = problem?.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal),
            TraceId = problem?.TraceId,
            RetryAfter = answer.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => date - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
                _ => null,
            },
        };
    }
}
