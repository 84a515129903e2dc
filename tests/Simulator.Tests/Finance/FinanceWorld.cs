using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Finance;

/// <summary>One simulator for a class of tests, each of which begins with a fresh world.</summary>
public sealed class FinanceWorld : IDisposable
{
    internal SimulatorHost Zoho { get; } = new();

    /// <summary>A caller with a token of its own; the world, clock and settings are those of the first day.</summary>
    internal async Task<FinanceCaller> FreshAsync(string scopes = FinanceCaller.AllScopes, string dataCentre = "us")
    {
        await Zoho.ControlAsync(HttpMethod.Post, "reset");
        return await FinanceCaller.OfAsync(Zoho, scopes, dataCentre);
    }

    public void Dispose() => Zoho.Dispose();
}

/// <summary>What was answered; headers by their names.</summary>
internal sealed record FinanceReply(int Status, JsonElement Body, Func<string, string?> Header)
{
    public int Code => Body.GetProperty("code").GetInt32();

    /// <summary>The status and the code, which only together tell what happened.</summary>
    public (int Status, int Code) Both => (Status, Code);

    public JsonElement Page => Body.GetProperty("page_context");

    public JsonElement this[string key] => Body.GetProperty(key);

    public IReadOnlyList<JsonElement> Rows(string key) => [.. Body.GetProperty(key).EnumerateArray()];

    public string Text(string key, string field) => Body.GetProperty(key).GetProperty(field).ToString();
}

/// <summary>An app that calls the three products of one data centre.</summary>
internal sealed class FinanceCaller(SimulatorHost zoho, string? token, string dataCentre, string? organisation)
{
    public const string AllScopes = "ZohoBooks.fullaccess.all,ZohoInventory.fullaccess.all,ZohoInvoice.fullaccess.all";
    public const string FirstOrganisation = "60000000001";

    // names of fields stay as they are
    private static readonly JsonSerializerOptions AsWritten = new(JsonSerializerDefaults.General);

    public SimulatorHost Zoho { get; } = zoho;

    public static async Task<FinanceCaller> OfAsync(SimulatorHost zoho, string scopes = AllScopes, string dataCentre = "us")
    {
        var refresh = await zoho.MintRefreshTokenAsync(dataCentre, scopes);
        return new(zoho, await zoho.AccessTokenAsync(refresh, dataCentre), dataCentre, dataCentre is "us" ? FirstOrganisation : null);
    }

    public FinanceCaller With(string? otherToken) => new(Zoho, otherToken, dataCentre, organisation);

    public FinanceCaller Of(string? otherOrganisation) => new(Zoho, token, dataCentre, otherOrganisation);

    public Task<FinanceReply> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<FinanceReply> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<FinanceReply> PutAsync(string path, object? body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, path, body, headers);

    public Task<FinanceReply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <summary>Creates a row that must be taken; its id.</summary>
    public async Task<string> AddAsync(string entity, object body, string query = "")
    {
        var reply = await PostAsync($"{entity}{query}", body);
        Assert.True(reply.Status is 201, reply.Body.ToString());
        return reply.Header("Location")!.Split('/')[^1];
    }

    public Task<string> AddCustomerAsync(string name = "Sample Bakery") => AddAsync("books/v3/contacts", new { contact_name = name });

    public async Task<FinanceReply> SendAsync(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body, options: AsWritten));
        return await SendAsync(method, path, content, headers);
    }

    public Task<JsonElement> ControlAsync(HttpMethod method, string path, object? body = null) =>
        Zoho.ControlAsync(method, $"finance/{dataCentre}{path}{(organisation is null ? "" : $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}organisation_id={organisation}")}", body);

    public Task<JsonElement> GenerateAsync(string entity, int count, int lines = 1, int perSecond = 10) =>
        ControlAsync(HttpMethod.Post, $"/{entity}/generated-rows", new { count, seed = 7, lines, per_second = perSecond });

    /// <summary>Takes the limits of a plan away.</summary>
    public Task UnlimitAsync() => ControlAsync(HttpMethod.Put, "/plan", new { calls_per_day = 1_000_000, calls_per_minute = 1_000_000, concurrency = 100 });

    private async Task<FinanceReply> SendAsync(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        var address = organisation is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}organization_id={organisation}";
        using var request = new HttpRequestMessage(method, $"/{SimulatorHost.Api(dataCentre)}/{address}") { Content = content };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Zoho-oauthtoken {token}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Zoho.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var told = response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, JsonDocument.Parse(text).RootElement, told.GetValueOrDefault);
    }
}
