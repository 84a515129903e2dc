using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Cli.Tests.Hosting;

/// <summary>A provider's API on loopback that takes the tokens a test tells it to, answers 401 to all others, and keeps what it is asked.</summary>
internal sealed class PlayedProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Call, string Authorization, string Body)> _received = new();

    private PlayedProvider(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>Values of the Authorization header that it takes.</summary>
    public ConcurrentDictionary<string, bool> Valid { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs before each answer.</summary>
    public Func<HttpContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<(string Call, string Authorization, string Body)> Requests => [.. _received];

    public static async Task<PlayedProvider> StartAsync(params string[] valid)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new PlayedProvider(app);
        foreach (var authorization in valid)
        {
            provider.Valid[authorization] = true;
        }

        app.Run(provider.AnswerAsync);
        await app.StartAsync();
        provider.Url = new Uri(app.Urls.First());
        return provider;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var authorization = http.Request.Headers.Authorization.ToString();
        _received.Enqueue(($"{http.Request.Method} {http.Request.Path}", authorization, await reader.ReadToEndAsync(http.RequestAborted)));
        await Before(http);
        if (http.Response.StatusCode == StatusCodes.Status200OK)
        {
            http.Response.StatusCode = Valid.ContainsKey(authorization) ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized;
        }
    }
}
