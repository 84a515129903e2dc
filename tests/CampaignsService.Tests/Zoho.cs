using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>Zoho, played by the simulator as a process of its own; one for all tests of a class, which reset it.</summary>
public sealed class Zoho : IAsyncLifetime
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private HttpClient _http = null!;

    public SimulatorProcess Simulator { get; private set; } = null!;

    public Uri Url => _http.BaseAddress!;

    /// <summary>What the demo organisation of every data centre has.</summary>
    public string ListKey { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Simulator = await SimulatorProcess.StartAsync();
        _http = Simulator.Http;
        ListKey = (await Simulator.DataCentreAsync("us")).GetProperty("list_key").GetString()!;
    }

    public async Task DisposeAsync() => await Simulator.DisposeAsync();

    public Task ResetAsync() => PostAsync("reset", new { });

    /// <summary><c>up</c>, <c>unavailable</c> (503 with a page) or <c>silent</c> (no answer).</summary>
    public async Task BeAsync(string mode) => (await _http.PutAsJsonAsync("_simulator/down", new { mode })).EnsureSuccessStatusCode();

    public async Task SetAsync(object settings) =>
        (await _http.PatchAsJsonAsync("_simulator/settings", settings, SnakeCase)).EnsureSuccessStatusCode();

    public async Task LimitAsync(string method, int calls, int seconds) => (await _http.PutAsJsonAsync(
        "_simulator/quotas", new { method, windows = new[] { new { calls, seconds } } })).EnsureSuccessStatusCode();

    /// <summary>Makes calls of listsubscribe fail, hang or take their time; the answer is the fault's id.</summary>
    public async Task<int> DisturbAsync(
        string kind, int? times = null, int? milliseconds = null, string? host = null, int? status = null, string? body = null,
        string path = "*listsubscribe")
    {
        var fault = await PostAsync("faults", new { kind, path, times, milliseconds, host, status, body });
        return fault.GetProperty("id").GetInt32();
    }

    /// <summary>Returns when the fault has met that many calls.</summary>
    public async Task MetAsync(int fault, int hits) =>
        (await _http.GetAsync($"_simulator/faults/{fault}?hits={hits}&timeout_seconds=30")).EnsureSuccessStatusCode();

    /// <summary>Lets the calls go on that a <c>hang</c> holds.</summary>
    public Task ReleaseAsync(int fault) => PostAsync($"faults/{fault}/release", new { });

    /// <summary>Puts contacts into the list as somebody else would.</summary>
    public Task SeedAsync(string email, bool doNotMail = false) =>
        PostAsync($"lists/us/{ListKey}/contacts", new { contacts = new[] { new { email, do_not_mail = doNotMail } } });

    /// <summary>Another list of the same organisation, whose contacts have to confirm: its key.</summary>
    public Task<string> NewListWithSignupFormAsync() => NewListAsync(hasSignupForm: true);

    /// <summary>Puts a contact into another list of the organisation.</summary>
    public async Task SeedElsewhereAsync(string email, bool doNotMail = false) => await PostAsync(
        $"lists/us/{await NewListAsync(hasSignupForm: false)}/contacts", new { contacts = new[] { new { email, do_not_mail = doNotMail } } });

    /// <summary>Puts contacts into the list in one state, as somebody else would.</summary>
    public Task SeedAsync(string status, IEnumerable<string> emails) =>
        PostAsync($"lists/us/{ListKey}/contacts", new { contacts = emails.Select(email => new { email, status }) });

    /// <summary>Fields by display name of every contact that the list holds.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> ContactsAsync(string dataCentre = "us")
    {
        var contacts = await _http.GetFromJsonAsync<JsonElement>($"_simulator/lists/{dataCentre}/{ListKey}/contacts");
        return [.. contacts.EnumerateArray().Select(contact => contact.GetProperty("fields").Deserialize<Dictionary<string, string>>()!)];
    }

    /// <summary>How a contact of the list stands there: its status, and whether it is on Do-Not-Mail.</summary>
    public async Task<(string? Status, bool DoNotMail)> StandingAsync(string email)
    {
        var contacts = await _http.GetFromJsonAsync<JsonElement>($"_simulator/lists/us/{ListKey}/contacts");
        var contact = contacts.EnumerateArray().Single(contact => contact.GetProperty("email").GetString() == email);
        return (contact.GetProperty("status").GetString(), contact.GetProperty("do_not_mail").GetBoolean());
    }

    public async Task<int> CountAsync() => (await ContactsAsync()).Count;

    /// <summary>Calls of listsubscribe that reached Zoho.</summary>
    public Task<long> PushesAsync() => Simulator.CallsAsync("listsubscribe");

    /// <summary>Times that Zoho locked a method, or refused it as locked.</summary>
    public async Task<long> LocksAsync()
    {
        var calls = await _http.GetFromJsonAsync<JsonElement>("_simulator/calls?outcome=locked");
        return calls.GetProperty("total").GetInt64();
    }

    /// <summary>Calls of a method that reached Zoho.</summary>
    public Task<long> CallsAsync(string method) => Simulator.CallsAsync(method);

    /// <summary>The key of a list that is in the data centre us alone.</summary>
    public Task<string> NewListAsync() => NewListAsync(hasSignupForm: false);

    private async Task<string> NewListAsync(bool hasSignupForm) => (await PostAsync(
        "lists", new { organisation_id = 60_000_000_001, name = $"Newsletter {Guid.NewGuid():N}", has_signup_form = hasSignupForm }))
        .GetProperty("key").GetString()!;

    private async Task<JsonElement> PostAsync(string control, object body)
    {
        using var response = await _http.PostAsJsonAsync($"_simulator/{control}", body);
        var text = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
