using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests;

/// <summary>Zoho CRM, played by the simulator as a process of its own; one for all tests of a class, which reset it.</summary>
public sealed class Zoho : IAsyncLifetime
{
    public const string Module = "Messages1";

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
            await ControlAsync(HttpMethod.Post, "/modules", new { api_name = Module, singular_label = "Message", plural_label = "Messages" });
            foreach (var field in (object[])
            [
                new { api_name = "External_Id", type = "text", length = 120, unique = true },
                new { api_name = "Lead", type = "lookup", lookup_module = "Leads" },
                new { api_name = "Contact", type = "lookup", lookup_module = "Contacts" },
                new { api_name = "Message_Text", type = "textarea" },
                new { api_name = "Direction", type = "text" },
                new { api_name = "Phone", type = "phone" },
                new { api_name = "Status", type = "text" },
                new { api_name = "Sent_At", type = "datetime" },
            ])
            {
                await ControlAsync(HttpMethod.Post, $"/{Module}/fields", field);
            }
        }
    }

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
