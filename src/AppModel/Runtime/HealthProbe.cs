using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runtime;

/// <summary>Asks one replica how it is: null when well, else the reason in a few words.</summary>
internal sealed record HealthProbe(Func<int, CancellationToken, Task<string?>> AskAsync) : IResourceAnnotation;

internal static class HttpProbe
{
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    public static async Task<string?> AskAsync(Uri address, int expected, CancellationToken ct)
    {
        try
        {
            using var response = await Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ct);
            return (int)response.StatusCode == expected ? null : $"GET {address} answered {(int)response.StatusCode} instead of {expected}";
        }
        catch (HttpRequestException e)
        {
            return $"GET {address}: {e.Message}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"GET {address} did not answer within {Http.Timeout.TotalSeconds:0} s";
        }
    }
}
