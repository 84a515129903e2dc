using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Cli.Tests.Hosting;

/// <summary>A gateway on loopback that knows one key and answers what a test tells it to; what it is asked is kept.</summary>
internal sealed class PlayedGateway : IAsyncDisposable
{
    public const string Key = "zp_k3v9x2m8q7t1c5b0_fake-secret-that-no-output-may-hold";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Received> _received = new();

    private PlayedGateway(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>What it was asked so far, whoami apart.</summary>
    public IReadOnlyList<Received> Requests => [.. _received];

    public static async Task<PlayedGateway> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var gateway = new PlayedGateway(app);
        app.Run(gateway.AnswerAsync);
        await app.StartAsync();
        gateway.Url = new Uri(app.Urls.First());
        gateway.On("GET /api/v1/whoami", Played.WhoAmI);
        return gateway;
    }

    /// <summary>Answers a method and path, whatever the query, with JSON.</summary>
    public void On(string call, object body, int status = 200) => On(call, http =>
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(body, http.RequestAborted);
    });

    /// <summary>Answers one after the other, the last one for ever.</summary>
    public void OnEach(string call, params Func<HttpContext, Task>[] answers)
    {
        var next = -1;
        On(call, http => answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)](http));
    }

    public void On(string call, Func<HttpContext, Task> answer) => _answers[call] = answer;

    public static Task ProblemAsync(
        HttpContext http, int status, string code, string detail, string? field = null, string? retryAfter = null)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.RetryAfter = retryAfter;
        var problem = new Dictionary<string, object>
        {
            ["type"] = $"urn:zoho-platform:problem:{code}",
            ["title"] = "Title",
            ["status"] = status,
            ["code"] = code,
            ["detail"] = detail,
            ["trace_id"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
        if (field is not null)
        {
            problem["errors"] = new Dictionary<string, string[]> { [field] = [detail] };
        }

        return http.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", http.RequestAborted);
    }

    /// <summary>One server-sent event, or several.</summary>
    public static async Task EventsAsync(HttpContext http, params (long Number, object Sync, object[] Outcomes)[] events)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        var text = string.Concat(events.Select(e =>
        {
            var data = JsonSerializer.Serialize(new { sync = e.Sync, outcomes = e.Outcomes });
            return $"id: {e.Number}\nevent: progress\ndata: {data}\n\n";
        }));
        await http.Response.WriteAsync($": open\n\n{text}", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var call = $"{http.Request.Method} {http.Request.Path}";
        if (call != "GET /api/v1/whoami")
        {
            _received.Enqueue(new Received(call, http.Request.QueryString.Value ?? "", body, http.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        }

        if (http.Request.Headers.Authorization != $"Bearer {Key}")
        {
            await ProblemAsync(
                http, 401, "key_invalid", "The API key is unknown, expired or deleted: ask an admin of your tenant for a new one.");
        }
        else if (_answers.TryGetValue(call, out var answer))
        {
            await answer(http);
        }
        else
        {
            await ProblemAsync(http, 404, "not_found", $"Nobody told the played gateway about {call}.");
        }
    }
}

/// <summary>A request as it came.</summary>
internal sealed record Received(string Call, string Query, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);
}
