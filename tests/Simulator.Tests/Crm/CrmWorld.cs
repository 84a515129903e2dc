using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Crm;

/// <summary>One simulator for a class of tests, each of which begins with a fresh world.</summary>
public sealed class CrmWorld : IDisposable
{
    public const string AllScopes =
        "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ,ZohoCRM.coql.READ,ZohoCRM.bulk.READ,ZohoCRM.notifications.ALL,ZohoSearch.securesearch.READ";

    internal SimulatorHost Zoho { get; } = new();

    /// <summary>A caller with a token of its own; the world, clock and settings are those of the first day.</summary>
    internal async Task<CrmCaller> FreshAsync(string scopes = AllScopes, string dataCentre = "us")
    {
        await Zoho.ControlAsync(HttpMethod.Post, "reset");
        return await CallerAsync(scopes, dataCentre);
    }

    internal async Task<CrmCaller> CallerAsync(string scopes = AllScopes, string dataCentre = "us")
    {
        var refresh = await Zoho.MintRefreshTokenAsync(dataCentre, scopes);
        return new(Zoho, await Zoho.AccessTokenAsync(refresh, dataCentre), dataCentre);
    }

    public void Dispose() => Zoho.Dispose();
}

/// <summary>What the CRM answered; the body is undefined where there was none.</summary>
internal sealed record CrmReply(HttpStatusCode Status, JsonElement Body, Func<string, string?> Header)
{
    public int Code => (int)Status;

    public JsonElement Data => Body.GetProperty("data");

    /// <summary>The code of a refusal at the root.</summary>
    public string? Root => Body.ValueKind is JsonValueKind.Object && Body.TryGetProperty("code", out var code) ? code.ToString() : null;

    public JsonElement Details => Body.GetProperty("details");

    public IReadOnlyList<string> Ids => Body.ValueKind is JsonValueKind.Undefined ? [] : [.. Data.EnumerateArray().Select(row => row.GetProperty("id").GetString()!)];

    public IReadOnlyList<string> Codes => [.. Data.EnumerateArray().Select(row => row.GetProperty("code").GetString()!)];

    public string? Next => Body.GetProperty("info").GetProperty("next_page_token").GetString();
}

/// <summary>An app that calls the CRM of one data centre.</summary>
internal sealed class CrmCaller(SimulatorHost zoho, string? token, string dataCentre = "us")
{
    // names of fields stay as they are
    private static readonly JsonSerializerOptions AsWritten = new(JsonSerializerDefaults.General);

    public SimulatorHost Zoho { get; } = zoho;

    public CrmCaller With(string? otherToken) => new(Zoho, otherToken, dataCentre);

    public CrmCaller At(string otherDataCentre) => new(Zoho, token, otherDataCentre);

    public Task<CrmReply> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<CrmReply> PostAsync(string path, object? body) => SendAsync(HttpMethod.Post, path, body);

    public Task<CrmReply> PutAsync(string path, object? body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, path, body, headers);

    public Task<CrmReply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<CrmReply> QueryAsync(string query) => PostAsync("coql", new { select_query = query });

    /// <summary>The ids of records that must all be taken.</summary>
    public async Task<IReadOnlyList<string>> AddAsync(string module, params object[] records)
    {
        var reply = await PostAsync(module, new { data = records });
        Assert.True(reply.Status is HttpStatusCode.Created, reply.Body.ToString());
        return [.. reply.Data.EnumerateArray().Select(row => row.GetProperty("details").GetProperty("id").GetString()!)];
    }

    public async Task<CrmReply> SendAsync(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        var address = path.StartsWith("crm/", StringComparison.Ordinal) ? path : $"crm/v8/{path}";
        using var request = new HttpRequestMessage(method, $"/{SimulatorHost.Api(dataCentre)}/{address}") { Content = body is null ? null : JsonContent.Create(body, options: AsWritten) };
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
        return new(response.StatusCode, text.Length > 0 ? JsonDocument.Parse(text).RootElement : default, told.GetValueOrDefault);
    }

    public async Task<byte[]> DownloadAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{SimulatorHost.Api(dataCentre)}/{path.TrimStart('/')}");
        request.Headers.TryAddWithoutValidation("Authorization", $"Zoho-oauthtoken {token}");
        using var response = await Zoho.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    public Task SetAsync(object settings) => Zoho.SetAsync(new { crm = settings });

    public Task<JsonElement> ControlAsync(HttpMethod method, string path, object? body = null) => Zoho.ControlAsync(method, $"crm/{dataCentre}{path}", body);

    /// <summary>Makes that many records from a seed.</summary>
    public Task<JsonElement> GenerateAsync(string module, int count, int perSecond = 10) =>
        ControlAsync(HttpMethod.Post, $"/{module}/generated-records", new { count, seed = 7, per_second = perSecond });
}
