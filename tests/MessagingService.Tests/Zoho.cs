using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>Zoho CRM, played by the simulator as a process of its own; one for all tests of a class, which reset it.</summary>
public sealed class Zoho : IAsyncLifetime
{
    public const string Module = "Messages1";

    // names of fields stay as they are
    private static readonly JsonSerializerOptions AsWritten = new(JsonSerializerDefaults.General);

    /// <summary>What the platform asks for with the feature crm.</summary>
    public static readonly string[] Scopes =
    [
        "ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoCRM.coql.READ", "ZohoCRM.notifications.ALL",
        "ZohoSearch.securesearch.READ",
    ];

    public SimulatorProcess Simulator { get; private set; } = null!;

    public async Task InitializeAsync() => Simulator = await SimulatorProcess.StartAsync();

    public async Task DisposeAsync() => await Simulator.DisposeAsync();

    /// <summary>The first day again, with the module that an organisation makes for messages.</summary>
    public async Task ResetAsync(bool withModule = true)
    {
        await Simulator.ControlAsync(HttpMethod.Post, "reset");
        await ControlAsync(HttpMethod.Put, "/plan", new { credits = 1_000_000, concurrency = 25, sub_concurrency = 10 });
        if (withModule)
        {
            await AddModuleAsync(
                Module,
                "Messages",
                new { api_name = "External_Id", type = "text", length = 120, unique = true },
                new { api_name = "Lead", type = "lookup", lookup_module = "Leads" },
                new { api_name = "Contact", type = "lookup", lookup_module = "Contacts" },
                new { api_name = "Message_Text", type = "textarea" },
                new { api_name = "Direction", type = "text" },
                new { api_name = "Phone", type = "phone" },
                new { api_name = "Status", type = "text" },
                new { api_name = "Sent_At", type = "datetime" });
        }
    }

    /// <summary>A module of the organisation's own.</summary>
    public async Task AddModuleAsync(string apiName, string plural, params object[] fields)
    {
        await ControlAsync(HttpMethod.Post, "/modules", new { api_name = apiName, singular_label = apiName, plural_label = plural });
        foreach (var field in fields)
        {
            await ControlAsync(HttpMethod.Post, $"/{apiName}/fields", field);
        }
    }

    /// <summary>What people and other apps do in Zoho CRM: a call below <c>/crm/v8</c>, and what it answers.</summary>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, object? body = null)
    {
        var token = await Simulator.AccessTokenAsync("us", await Simulator.GrantAsync("us", Scopes));
        using var request = new HttpRequestMessage(method, $"www.zohoapis.com/crm/v8{path}")
        {
            Content = body is null ? null : JsonContent.Create(body, options: AsWritten),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Zoho-oauthtoken", token);
        using var response = await Simulator.Http.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>A record that somebody else makes: its id.</summary>
    public async Task<string> MakeAsync(string module, object record) =>
        (await CallAsync(HttpMethod.Post, $"/{module}", new { data = new[] { record } }))
            .GetProperty("data")[0].GetProperty("details").GetProperty("id").GetString()!;

    /// <summary>Waits until a fault has met so many calls.</summary>
    public async Task MetAsync(int fault, int hits = 1) =>
        await Simulator.ControlAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"faults/{fault}?hits={hits}&timeout_seconds=60"));

    /// <summary>How many calls a fault has met.</summary>
    public async Task<int> HitsAsync(int fault) =>
        (await Simulator.ControlAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"faults/{fault}"))).GetProperty("hits").GetInt32();

    /// <summary>Nothing is disturbed any more.</summary>
    public Task CalmAsync() => Simulator.ControlAsync(HttpMethod.Delete, "faults");

    /// <summary>Settings under <c>crm</c>.</summary>
    public Task SetAsync(object settings) => Simulator.ControlAsync(HttpMethod.Patch, "settings", new { crm = settings });

    /// <summary>A control of the data centre's first organisation.</summary>
    public Task<JsonElement> ControlAsync(HttpMethod method, string path, object? body = null) =>
        Simulator.ControlAsync(method, $"crm/us{path}", body);

    /// <summary>Makes calls fail, hang or take their time; the answer is the fault's id.</summary>
    public async Task<int> DisturbAsync(object fault) =>
        (await Simulator.ControlAsync(HttpMethod.Post, "faults", fault)).GetProperty("id").GetInt32();

    /// <summary>All records of a module as Zoho has them.</summary>
    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(string module, string fields) =>
        [.. (await ControlAsync(HttpMethod.Get, $"/{module}/records?after=0&limit=10000&fields={fields}")).GetProperty("data").EnumerateArray()];

    /// <summary>Calls that reached Zoho CRM since the counters were set back.</summary>
    public async Task<long> CallsAsync() => (await Simulator.Http.GetFromJsonAsync<JsonElement>("_simulator/calls"))
        .GetProperty("calls").EnumerateArray()
        .Where(call => call.GetProperty("operation").GetString()!.StartsWith("crm.", StringComparison.Ordinal))
        .Sum(call => call.GetProperty("count").GetInt64());
}
