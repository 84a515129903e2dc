using System.Net;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>Calls the gateway's REST API.</summary>
internal sealed class RestClient(HttpClient http) : IDisposable
{
    /// <summary>Names the operation whose description lacks the status of an answer.</summary>
    public const string UndocumentedHeader = "Undocumented-Failure";

    public HttpClient Http => http;

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : Json(JsonSerializer.Serialize(body)), headers);

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, Json(JsonSerializer.Serialize(body)));

    public Task<Answer> PostTextAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Json(json), headers);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), name);
        }

        using var response = await http.SendAsync(request);
        Assert.False(
            response.Headers.TryGetValues(UndocumentedHeader, out var undocumented), $"{undocumented?.Single()} does not document {(int)response.StatusCode}.");
        var fields = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(field => field.Key, field => string.Join(", ", field.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, fields, await response.Content.ReadAsStringAsync());
    }

    public void Dispose() => http.Dispose();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}

/// <summary>What the gateway answered.</summary>
internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public string Code => Json.GetProperty("code").GetString()!;

    /// <summary>Holds the shape that every failure has, and says which one it is.</summary>
    public void AssertProblem(HttpStatusCode status, string code, string? field = null)
    {
        Assert.True(Status == status, $"{(int)Status}: {Text}");
        Assert.Equal("application/problem+json", Header("Content-Type"));
        Assert.Equal(code, Code);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.Equal($"urn:zoho-platform:problem:{code}", Json.GetProperty("type").GetString());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.EndsWith(".", Json.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}$", Json.GetProperty("trace_id").GetString()!);
        Assert.Equal(field is not null, Json.TryGetProperty("errors", out var errors));
        if (field is not null)
        {
            Assert.Equal(field, Assert.Single(errors.EnumerateObject()).Name);
        }
    }
}
