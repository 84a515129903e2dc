using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Polly.CircuitBreaker;
using Polly.Timeout;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Http;

/// <summary>What a provider sent, as text: neither its status nor its content type says reliably what is in it.</summary>
internal sealed record ProviderAnswer(HttpStatusCode Status, string Body)
{
    /// <summary>Far above any answer that is asked for; a longer one counts as none.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The same for tokens and whose they are.</summary>
    public const int MaxTokenBytes = 1024 * 1024;

    /// <summary>True for a page meant for people, which is what a proxy or a maintenance window answers.</summary>
    public bool IsPage
    {
        get
        {
            var start = Body.AsSpan().TrimStart();
            return start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
                || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>How long the provider asks to be left alone, in its <c>Retry-After</c>; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Everything else that it said besides its body; null for an answer that nobody sent.</summary>
    public HttpResponseHeaders? Headers { get; init; }

    /// <summary>True where the same request may well be answered a moment later.</summary>
    public bool IsTransient => Status >= HttpStatusCode.InternalServerError || IsPage;

    public static async Task<ProviderAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);

        // always UTF-8, whatever the header's charset says; a name that .NET does not know would throw
        return new ProviderAnswer(response.StatusCode, Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'))
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
            Headers = response.Headers,
        };
    }

    /// <summary>Sends a request and reads its answer; <paramref name="unavailable"/> when none came.</summary>
    public static Task<Result<ProviderAnswer>> SendAsync(
        HttpClient http, HttpRequestMessage request, Failure unavailable, CancellationToken cancellationToken) =>
        SendAsync(http, request, HttpCompletionOption.ResponseContentRead, ReadAsync, unavailable, cancellationToken);

    /// <summary>
    /// Sends a request and has <paramref name="read"/> read its answer, from the headers on where <paramref name="completion"/> says so;
    /// <paramref name="unavailable"/> when none came, or it broke off.
    /// </summary>
    public static async Task<Result<T>> SendAsync<T>(
        HttpClient http, HttpRequestMessage request, HttpCompletionOption completion,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read, Failure unavailable, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            using var response = await http.SendAsync(request, completion, cancellationToken);
            return await read(response, cancellationToken);
        }
        catch (ProviderFailureException e)
        {
            return e.Failure;
        }
        catch (BrokenCircuitException e)
        {
            return unavailable with { RetryAfter = e.RetryAfter ?? unavailable.RetryAfter };
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or TimeoutRejectedException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // HttpClient's own timeout is a cancellation that nobody asked for
            return unavailable;
        }
    }
}
