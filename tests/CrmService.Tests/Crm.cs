using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>Zoho CRM, played by the simulator as a process of its own; one for all tests of a class, which reset it.</summary>
public sealed class Crm : IAsyncLifetime
{
    /// <summary>What the platform asks for with the feature crm.</summary>
    public static readonly string[] Scopes =
    [
        "ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoCRM.coql.READ", "ZohoCRM.notifications.ALL",
        "ZohoSearch.securesearch.READ",
    ];

    public SimulatorProcess Simulator { get; private set; } = null!;

    public async Task InitializeAsync() => Simulator = await SimulatorProcess.StartAsync();

    public async Task DisposeAsync() => await Simulator.DisposeAsync();

    public Task ResetAsync() => Simulator.ControlAsync(HttpMethod.Post, "reset");

    /// <summary>Settings under <c>crm</c>.</summary>
    public Task SetAsync(object settings) => Simulator.ControlAsync(HttpMethod.Patch, "settings", new { crm = settings });

    /// <summary>A control of the data centre's first organisation.</summary>
    public Task<JsonElement> ControlAsync(HttpMethod method, string path, object? body = null, string dataCentre = "us") =>
        Simulator.ControlAsync(method, $"crm/{dataCentre}{path}", body);

    /// <summary>Invents that many records.</summary>
    public Task GenerateAsync(string module, int count, int perSecond = 50) =>
        ControlAsync(HttpMethod.Post, $"/{module}/generated-records", new { count, seed = 7, per_second = perSecond });

    /// <summary>Edits, deletes, merges or restores so many at random, all in one second: the ids.</summary>
    public async Task<IReadOnlyList<string>> DoAsync(string module, string what, int count, int seed = 1) =>
        [.. (await ControlAsync(HttpMethod.Post, $"/{module}/{what}-records", new { count, seed })).GetProperty("ids")
            .EnumerateArray().Select(id => id.GetString()!)];

    /// <summary>Sets values of one record.</summary>
    public Task SetRecordAsync(string module, string id, object values) => ControlAsync(HttpMethod.Put, $"/{module}/records/{id}", values);

    /// <summary>Every record as Zoho has it: these fields by id, a lookup as the id it names.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TruthAsync(string module, IReadOnlyList<string> fields)
    {
        var truth = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var after = "0"; ;)
        {
            var page = await ControlAsync(HttpMethod.Get, $"/{module}/records?after={after}&limit=10000&fields={string.Join(',', fields)}");
            var rows = page.GetProperty("data").EnumerateArray().ToList();
            if (rows.Count == 0)
            {
                return truth;
            }

            foreach (var row in rows)
            {
                truth[row.GetProperty("id").GetString()!] = Told.Text(row, fields);
            }

            after = rows[^1].GetProperty("id").GetString()!;
        }
    }

    /// <summary>A call of another app of the organisation, which is no business of the platform's.</summary>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, object? body = null)
    {
        var token = await Simulator.AccessTokenAsync("us", await Simulator.GrantAsync("us", Scopes));
        using var request = new HttpRequestMessage(method, $"www.zohoapis.com/crm/v8/{path}")
        {
            Content = body is null ? null : JsonContent.Create(body, options: new JsonSerializerOptions(JsonSerializerDefaults.General)),
        };
        request.Headers.TryAddWithoutValidation("Authorization", $"Zoho-oauthtoken {token}");
        using var response = await Simulator.Http.SendAsync(request);
        return JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }

    /// <summary>Makes calls fail, hang or take their time; the answer is the fault's id.</summary>
    public async Task<int> DisturbAsync(object fault) =>
        (await Simulator.ControlAsync(HttpMethod.Post, "faults", fault)).GetProperty("id").GetInt32();

    /// <summary>Waits until a fault has met a call, or so many.</summary>
    public Task MetAsync(int fault, int calls = 1) => Simulator.ControlAsync(
        HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"faults/{fault}?hits={calls}&timeout_seconds={Eventually.Limit.TotalSeconds}"));

    /// <summary>Lets a call go on that a fault holds.</summary>
    public Task ReleaseAsync(int fault) =>
        Simulator.ControlAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"faults/{fault}/release"));

    /// <summary>Calls of an operation that reached Zoho: <c>crm.coql</c>, <c>crm.deleted</c>.</summary>
    public Task<long> CallsAsync(string operation) => Simulator.CallsAsync(operation);
}
