using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.Platform.Tests;

[Collection(OneLaunch.Name)]
public sealed class SecretsTests(SharedPlatform shared)
{
    private readonly Platform _platform = shared.Platform;

    [Fact]
    public async Task No_answer_and_no_log_line_holds_a_secret_of_the_launch()
    {
        // a bit of everything, failures included
        await _platform.OutcomeAsync(await _platform.RegisterAsync(new { email = "secrets@example.com" }), "subscribed");
        var answers = new List<string>();
        foreach (var path in new[]
        {
            "/api/v1/connections", "/api/settings/integrations/zoho", "/api/settings/integrations/hubspot", "/api/v1/admin/keys", "/api/v1/campaigns/contacts", "/openapi/v1.json", "/nowhere",
        })
        {
            answers.Add(await (await _platform.Gateway.GetAsync(path)).Content.ReadAsStringAsync());
        }

        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/settings/integrations/zoho/test", new { }),
            ("/api/settings/integrations/zoho", new { client_secret = "fakesecret-of-this-test-0123456789", region = "nowhere" }),
            ("/api/v1/connections", new { provider = "zoho", features = new[] { "campaigns" }, refresh_token = "1000.fake-token-of-this-test.0123456789" }),
            ("/api/v1/connections", new { provider = "zoho", features = new[] { "campaigns" }, grant_code = "1000.fake-code-of-this-test.0123456789" }),
        })
        {
            answers.Add(await (await _platform.Gateway.PostAsJsonAsync(path, body)).Content.ReadAsStringAsync());
        }

        var logs = Directory.GetFiles(Path.Combine(_platform.State, "logs")).ToDictionary(file => Path.GetFileName(file), ReadShared);
        Assert.NotEmpty(logs);
        foreach (var secret in await SecretsAsync())
        {
            Assert.All(answers, answer => Assert.DoesNotContain(secret, answer, StringComparison.Ordinal));
            Assert.All(logs, log => Assert.False(log.Value.Contains(secret, StringComparison.Ordinal), $"{log.Key} holds a secret"));
        }
    }

    private async Task<IReadOnlyList<string>> SecretsAsync()
    {
        var world = await _platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");
        var parameters = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_platform.State, "parameters.json"))).RootElement;
        return
        [
            _platform.Key,
            "fakesecret-of-this-test-0123456789",
            "1000.fake-token-of-this-test.0123456789",
            "1000.fake-code-of-this-test.0123456789",
            .. world.GetProperty("data_centres").EnumerateArray()
                .SelectMany(dc => new[] { dc.GetProperty("client_secret").GetString()!, dc.GetProperty("refresh_token").GetString()! }),
            world.GetProperty("hubspot").GetProperty("client_secret").GetString()!,
            world.GetProperty("hubspot").GetProperty("refresh_token").GetString()!,
            .. Strings(parameters),
        ];
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
