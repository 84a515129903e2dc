using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>What the platform is connected to, once it runs: at real Zoho only what it really gives tokens for.</summary>
internal sealed partial class Connected(Provider provider, LaunchState state, ILogger<Connected> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>One or two sentences for the person who launched.</summary>
    /// <param name="gateway">Where the gateway answers.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<string> TellAsync(Uri gateway, CancellationToken cancellationToken)
    {
        if (provider.IsSimulator)
        {
            return $"Connected to {provider.Name}.";
        }

        try
        {
            var key = await state.ReadDemoKeyAsync(cancellationToken);
            using var http = new HttpClient { BaseAddress = gateway, Timeout = Limit };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            return await TellAsync(http, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            LogNotSeen(e.Message);
            return $"Set up for {provider.Name}: ./zoho doctor says whether it is connected.";
        }
    }

    private async Task<string> TellAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var list = await ReadAsync(http.GetAsync(new Uri("/api/v1/connections?provider=zoho", UriKind.Relative), cancellationToken));
        if (list.GetProperty("connections").EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } connection)
        {
            return provider.Settings.ContainsKey("ZOHO_REFRESH_TOKEN")
                ? $"Not connected to {provider.Name}: ZOHO_REFRESH_TOKEN was not taken. {Path.Combine(state.Logs, "gateway.log")} says why."
                : $"Not connected to {provider.Name} yet: it has a client and nobody's consent. Connect in a browser: "
                    + "./zoho connect zoho --features campaigns";
        }

        // by a fresh token: nothing else shows a client's secret to be wrong
        var address = $"/api/v1/connections/{connection.GetProperty("id").GetString()}/test";
        var test = await ReadAsync(http.PostAsync(new Uri(address, UriKind.Relative), content: null, cancellationToken));
        if (!test.GetProperty("ok").GetBoolean())
        {
            return $"Not connected to {provider.Name}: {test.GetProperty("message").GetString()}";
        }

        return connection.TryGetProperty("account", out var account) && account.GetString() is { Length: > 0 } name
            ? $"Connected to {provider.Name} as {name}."
            : $"Connected to {provider.Name}.";
    }

    private static async Task<JsonElement> ReadAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        answer.EnsureSuccessStatusCode();
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is connected could not be seen: {Reason}")]
    private partial void LogNotSeen(string reason);
}
