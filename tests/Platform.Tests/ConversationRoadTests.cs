using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>
/// A message's whole road, of a company of its own: from WhatsApp's signed webhook to the lead, the record and the note in Zoho CRM, and from a link in a chat
/// back to them.
/// </summary>
[Collection(OneLaunch.Name)]
public sealed class ConversationRoadTests(SharedPlatform shared) : IAsyncLifetime
{
    private const string DataCentre = "in";
    private const string Secret = "fake-app-secret-of-the-road";
    private const string Phone = "12025550198";
    private const string WatchedPhone = "12025550199";
    private const string First = "Is the blue one with eleven drawers still there?";
    private const string Second = "And the green one with seven?";

    private readonly Platform _platform = shared.Platform;
    private HttpClient _company = null!;
    private string _tenant = "";
    private string _webhook = "";

    public async Task InitializeAsync()
    {
        _tenant = (await SendAsync(_platform.Gateway, HttpMethod.Post, "/api/v1/admin/tenants", new { name = $"road-{Guid.NewGuid():N}" }))
            .GetProperty("id").GetString()!;
        var key = (await SendAsync(_platform.Gateway, HttpMethod.Post, $"/api/v1/admin/tenants/{_tenant}/keys", new { name = "shop", role = "admin" }))
            .GetProperty("key").GetString();
        _company = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _platform.Gateway.BaseAddress, Timeout = Eventually.Limit };
        _company.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        var world = await _platform.Simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");
        var home = world.GetProperty("data_centres").EnumerateArray().First(one => one.GetProperty("code").GetString() == DataCentre);
        await SendAsync(_company, HttpMethod.Post, "/api/settings/integrations/zoho", new
        {
            client_id = world.GetProperty("client").GetProperty("client_id").GetString(),
            client_secret = home.GetProperty("client_secret").GetString(),
            region = DataCentre,
            crm_enabled = true,
        });
        var grant = await SimulateAsync("refresh-tokens", new { data_centre = DataCentre });
        await SendAsync(_company, HttpMethod.Post, "/api/v1/connections", new
        {
            provider = "zoho",
            features = new[] { "crm" },
            refresh_token = grant.GetProperty("refresh_token").GetString(),
        });
        var channel = await SendAsync(_company, HttpMethod.Post, "/api/v1/messaging/channels", new { name = "Shop", app_secret = Secret });
        _webhook = channel.GetProperty("webhook_url").GetString()!;
    }

    public async Task DisposeAsync()
    {
        _company.Dispose();
        using var deleted = await _platform.Gateway.DeleteAsync($"/api/v1/admin/tenants/{_tenant}");
        deleted.EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task What_a_person_writes_is_in_zoho_crm_once_and_a_link_in_the_chat_leads_there()
    {
        // Meta delivers it twice
        var told = await WriteAsync(Phone, First, times: 2);

        var message = await SyncedAsync(told);
        Assert.Equal((First, "Messages"), (message.GetProperty("text").GetString(), message.GetProperty("crm_module").GetString()));
        var id = message.GetProperty("conversation_id").GetString();
        var conversation = await SendAsync(_company, HttpMethod.Get, $"/api/v1/conversations/{id}");
        Assert.Equal(
            ("linked", 1, $"+{Phone}"),
            (conversation.GetProperty("crm_state").GetString(), conversation.GetProperty("messages").GetInt32(), conversation.GetProperty("phone").GetString()));

        var lead = Assert.Single(await RecordsAsync("Leads", "Last_Name,Phone"), record => record.GetProperty("Phone").GetString() == $"+{Phone}");
        var leadId = lead.GetProperty("id").GetString();
        Assert.Equal(conversation.GetProperty("crm_record_id").GetString(), leadId);
        var record = Assert.Single(
            await RecordsAsync("Messages", "External_Id,Lead,Message_Text,Direction"), one => one.GetProperty("External_Id").GetString() == told);
        Assert.Equal(message.GetProperty("crm_record_id").GetString(), record.GetProperty("id").GetString());
        Assert.Equal(
            (leadId, First, "Inbound"),
            (record.GetProperty("Lead").GetProperty("id").GetString(), record.GetProperty("Message_Text").GetString(),
                record.GetProperty("Direction").GetString()));

        var note = Assert.Single(
            await RecordsAsync("Notes", "Note_Title,Note_Content,Parent_Id"), one => one.GetProperty("Parent_Id").GetProperty("id").GetString() == leadId);
        Assert.Contains($"https://wa.me/{Phone}", note.GetProperty("Note_Content").GetString(), StringComparison.Ordinal);

        var link = await SendAsync(_company, HttpMethod.Get, $"/api/v1/conversations/{id}/link");
        // as a browser of somebody who has no key
        _company.DefaultRequestHeaders.Authorization = null;
        using var opened = await _company.GetAsync(link.GetProperty("open_url").GetString());
        Assert.Equal(
            (HttpStatusCode.Redirect, $"https://crm.zoho.in/crm/EntityInfo.do?module=Leads&id={leadId}"),
            (opened.StatusCode, opened.Headers.Location?.AbsoluteUri));
        Assert.Equal(link.GetProperty("url").GetString(), opened.Headers.Location?.AbsoluteUri);

        await AssertNothingIsLoggedAsync();
    }

    [Fact]
    public async Task Who_watches_hears_of_a_message_when_it_comes_and_of_its_state()
    {
        var known = await SyncedAsync(await WriteAsync(WatchedPhone, First));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/messages/events");
        request.Headers.Add("Last-Event-ID", known.GetProperty("position").GetRawText());
        using var limit = new CancellationTokenSource(Eventually.Limit);
        using var stream = await _company.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        using var events = new StreamReader(await stream.Content.ReadAsStreamAsync(limit.Token));

        var told = await WriteAsync(WatchedPhone, Second);

        // of the first one too, where it changes yet
        var states = new List<string>();
        while (!states.Contains("synced", StringComparer.Ordinal) && await events.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonElement.Parse(line["data: ".Length..]) is var data
                && data.GetProperty("external_id").GetString() == told)
            {
                Assert.Equal(Second, data.GetProperty("text").GetString());
                states.Add(data.GetProperty("sync_state").GetString()!);
            }
        }

        Assert.Equal("synced", states[^1]);
    }

    // the simulator plays Meta
    private async Task<string> WriteAsync(string phone, string text, int times = 1)
    {
        var told = await SimulateAsync("whatsapp/messages", new { address = _webhook, app_secret = Secret, phone, name = "Road Runner", text, times });
        Assert.All(told.GetProperty("answers").EnumerateArray(), answer => Assert.Equal(200, answer.GetInt32()));
        return told.GetProperty("message_id").GetString()!;
    }

    private Task<JsonElement> SyncedAsync(string externalId) => Eventually.GetAsync(
        async () => (await SendAsync(_company, HttpMethod.Get, "/api/v1/messages?page_size=50")).GetProperty("messages").EnumerateArray()
            .FirstOrDefault(message => message.GetProperty("external_id").GetString() == externalId),
        message => message.ValueKind is JsonValueKind.Object && message.GetProperty("sync_state").GetString() == "synced");

    private async Task<IReadOnlyList<JsonElement>> RecordsAsync(string module, string fields) =>
    [
        .. (await SendAsync(_platform.Simulator, HttpMethod.Get, $"/_simulator/crm/{DataCentre}/{module}/records?after=0&limit=10000&fields={fields}"))
            .GetProperty("data").EnumerateArray(),
    ];

    private async Task AssertNothingIsLoggedAsync()
    {
        var logs = Directory.GetFiles(Path.Combine(_platform.State, "logs"), "*.log");
        Assert.NotEmpty(logs);
        foreach (var log in logs)
        {
            await using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            var said = await reader.ReadToEndAsync();
            Assert.All((string[])[Phone, First, "Road Runner"], personal => Assert.False(
                said.Contains(personal, StringComparison.Ordinal), $"{Path.GetFileName(log)} holds {personal}"));
        }
    }

    private Task<JsonElement> SimulateAsync(string control, object body) =>
        SendAsync(_platform.Simulator, HttpMethod.Post, $"/_simulator/{control}", body);

    private static async Task<JsonElement> SendAsync(HttpClient http, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
