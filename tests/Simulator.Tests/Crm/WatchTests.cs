using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class WatchTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task A_channel_is_called_back_for_what_it_watches_without_a_signature()
    {
        var crm = await world.FreshAsync();
        await using var listener = await Listener.StartAsync();
        var id = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];

        var made = await WatchAsync(crm, listener.Url + "?key=val", token: "secret");
        Assert.Equal(201, made.Code);
        var told = made.Body.GetProperty("watch")[0].GetProperty("details").GetProperty("events")[0];
        Assert.Equal("https://www.zohoapis.com/crm/v2/Leads", told.GetProperty("resource_uri").GetString());

        await crm.PutAsync($"Leads/{id}", new { data = new[] { new { Mobile = "600" } } });
        var edit = await listener.NextAsync();
        Assert.Equal(("Leads", "update", "1000000068001", "secret", id), (
            edit.GetProperty("module").GetString(), edit.GetProperty("operation").GetString(), edit.GetProperty("channel_id").GetString(),
            edit.GetProperty("token").GetString(), edit.GetProperty("ids")[0].GetString()));
        Assert.Equal("""[{"record_id":"ID","values":{"Mobile":"600"}}]""".Replace("ID", id, StringComparison.Ordinal), edit.GetProperty("affected_values").GetRawText());
        Assert.Equal("""{"key":"val"}""", edit.GetProperty("query_params").GetRawText());
        Assert.Equal(JsonValueKind.Number, edit.GetProperty("server_time").ValueKind);

        var others = await crm.AddAsync("Leads", new { Last_Name = "B" }, new { Last_Name = "C" });
        var create = await listener.NextAsync();
        Assert.Equal(("insert", 0), (create.GetProperty("operation").GetString(), create.GetProperty("affected_fields").GetArrayLength()));
        Assert.Equal(others, create.GetProperty("ids").EnumerateArray().Select(one => one.GetString()!));

        await crm.SetAsync(new { notifications_say_insert = false, notifications_short = true, notification_channel_numbers = true });
        await crm.PutAsync($"Leads/{id}", new { data = new[] { new { Mobile = "601" } } });
        var old = await listener.NextAsync();
        Assert.Equal(("edit", JsonValueKind.Number), (old.GetProperty("operation").GetString(), old.GetProperty("channel_id").ValueKind));
        Assert.False(old.TryGetProperty("server_time", out _));
    }

    [Fact]
    public async Task Callbacks_can_be_doubled_lost_late_and_end()
    {
        var crm = await world.FreshAsync();
        await using var listener = await Listener.StartAsync();
        await WatchAsync(crm, listener.Url);

        await crm.SetAsync(new { notifications_doubled = true });
        var id = (await crm.AddAsync("Leads", new { Last_Name = "A" }))[0];
        Assert.Equal(Ids(await listener.NextAsync()), Ids(await listener.NextAsync()));

        await crm.SetAsync(new { notifications_doubled = false, notifications_lost_every = 1 });
        await crm.DeleteAsync($"Leads/{id}");
        Assert.Equal(1, (await crm.ControlAsync(HttpMethod.Get, "")).GetProperty("callbacks_lost").GetInt64());
        await crm.SetAsync(new { notifications_lost_every = 0, notifications_late_seconds = 0.3 });
        var late = (await crm.AddAsync("Leads", new { Last_Name = "B" }))[0];
        Assert.Equal([late], Ids(await listener.NextAsync()));

        // the channel has ended without a word; what comes next is of another one
        await crm.SetAsync(new { notifications_late_seconds = 0 });
        await crm.Zoho.AdvanceAsync(TimeSpan.FromHours(2));
        var later = await world.CallerAsync();
        await later.AddAsync("Leads", new { Last_Name = "C" });
        Assert.Equal(204, (await later.GetAsync("actions/watch?channel_id=1000000068001")).Code);
        await WatchAsync(later, listener.Url);
        var heard = await later.AddAsync("Leads", new { Last_Name = "D" });
        Assert.Equal(heard, Ids(await listener.NextAsync()));

        await later.ControlAsync(HttpMethod.Delete, "/channels");
        Assert.Equal("NOT_SUBSCRIBED", (await later.DeleteAsync("actions/watch?channel_ids=1000000068001")).Body.GetProperty("watch")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Watched_fields_narrow_edits_and_related_changes_come_unless_refused()
    {
        var crm = await world.FreshAsync();
        await using var listener = await Listener.StartAsync();
        var account = (await crm.AddAsync("Accounts", new { Account_Name = "Cedro" }))[0];
        var contact = (await crm.AddAsync("Contacts", new { Last_Name = "A", Account_Name = account }))[0];
        await SendAsync(crm, HttpMethod.Post, new
        {
            channel_id = "-5",
            events = new[] { "Contacts.edit" },
            notify_url = listener.Url,
            notification_condition = new[] { new { type = "field_selection", module = new { api_name = "Contacts" }, field_selection = new { group_operator = "or", group = new[] { new { field = new { api_name = "Phone" } } } } } },
        });
        await SendAsync(crm, HttpMethod.Post, new { channel_id = "6", events = new[] { "Accounts.all" }, notify_url = listener.Url });

        await crm.PutAsync($"Contacts/{contact}", new { data = new[] { new { Title = "Boss" } } });
        Assert.Equal(("Accounts", account), Told(await listener.NextAsync()));
        await SendAsync(crm, HttpMethod.Patch, new { channel_id = "6", notify_on_related_action = false });
        await crm.PutAsync($"Contacts/{contact}", new { data = new[] { new { Title = "Chief" } } });
        await crm.PutAsync($"Contacts/{contact}", new { data = new[] { new { Phone = "600" } } });
        Assert.Equal(("Contacts", contact), Told(await listener.NextAsync()));

        static (string?, string?) Told(JsonElement body) => (body.GetProperty("module").GetString(), body.GetProperty("ids")[0].GetString());
    }

    [Fact]
    public async Task A_channel_lives_an_hour_unless_it_asks_for_a_week_at_most()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        var now = (await crm.Zoho.ControlAsync(HttpMethod.Get, "clock")).GetProperty("now").GetDateTimeOffset();

        Assert.InRange((await ExpiryAsync(null)) - now, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        Assert.InRange((await ExpiryAsync(now.AddDays(6))) - now, TimeSpan.FromDays(5.9), TimeSpan.FromDays(6));
        Assert.InRange((await ExpiryAsync(now.AddDays(8))) - now, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));

        async Task<DateTimeOffset> ExpiryAsync(DateTimeOffset? at)
        {
            await SendAsync(crm, HttpMethod.Post, new
            {
                channel_id = "7",
                events = new[] { "Leads.all" },
                notify_url = "http://127.0.0.1:9/",
                channel_expiry = at?.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
            });
            var row = (await crm.GetAsync("actions/watch?channel_id=7")).Body.GetProperty("watch")[0];
            return row.GetProperty("channel_expiry").GetDateTimeOffset();
        }
    }

    [Theory]
    [InlineData("""{"events":["Leads.all"],"notify_url":"http://127.0.0.1:9/"}""", "MANDATORY_NOT_FOUND", "channel_id")]
    [InlineData("""{"channel_id":"x","events":["Leads.all"],"notify_url":"http://127.0.0.1:9/"}""", "INVALID_DATA", "channel_id")]
    [InlineData("""{"channel_id":"1","notify_url":"http://127.0.0.1:9/"}""", "MANDATORY_NOT_FOUND", "events")]
    [InlineData("""{"channel_id":"1","events":["Notes.all"],"notify_url":"http://127.0.0.1:9/"}""", "INVALID_DATA", "events")]
    [InlineData("""{"channel_id":"1","events":["Leads.insert"],"notify_url":"http://127.0.0.1:9/"}""", "INVALID_DATA", "events")]
    [InlineData("""{"channel_id":"1","events":["Leads.all"]}""", "MANDATORY_NOT_FOUND", "notify_url")]
    [InlineData("""{"channel_id":"1","events":["Leads.all"],"notify_url":"http://app.example.com/"}""", "INVALID_DATA", "notify_url")]
    [InlineData("""{"channel_id":"1","events":["Leads.all"],"notify_url":"http://127.0.0.1:9/","token":"123456789012345678901234567890123456789012345678901"}""", "INVALID_DATA", "token")]
    [InlineData("""{"channel_id":"1","events":["Leads.all"],"notify_url":"http://127.0.0.1:9/","channel_expiry":"tomorrow"}""", "INVALID_DATA", "channel_expiry")]
    [InlineData("""{"channel_id":"1","events":["Leads.all"],"notify_url":"http://127.0.0.1:9/","channel_expiry":"2020-01-01T00:00:00Z"}""", "INVALID_DATA", "channel_expiry")]
    public async Task A_wrong_channel_is_refused_by_field(string channel, string code, string field)
    {
        var crm = await world.FreshAsync();

        var reply = await SendAsync(crm, HttpMethod.Post, JsonDocument.Parse(channel).RootElement);

        Assert.Equal(400, reply.Code);
        var error = reply.Body.GetProperty("watch")[0];
        Assert.Equal((code, field), (error.GetProperty("code").GetString(), error.GetProperty("details").GetProperty("api_name").GetString()));
    }

    [Fact]
    public async Task A_channel_can_be_replaced_changed_and_ended_by_who_made_it()
    {
        var crm = await world.FreshAsync();
        Assert.Equal("NOT_SUBSCRIBED", Code(await SendAsync(crm, HttpMethod.Patch, new { channel_id = "1" })));
        await SendAsync(crm, HttpMethod.Post, new { channel_id = "1", events = new[] { "Leads.all", "Contacts.edit" }, notify_url = "http://127.0.0.1:9/", token = "t" });

        await SendAsync(crm, HttpMethod.Patch, new { channel_id = "1", notify_url = "http://127.0.0.1:10/" });
        Assert.Equal(("t", 2), await ShownAsync());
        await SendAsync(crm, HttpMethod.Patch, new { channel_id = "1", events = new[] { "Contacts.edit" }, _delete_events = true });
        Assert.Equal(("t", 1), await ShownAsync());
        await SendAsync(crm, HttpMethod.Put, new { channel_id = "1", events = new[] { "Leads.edit" }, notify_url = "http://127.0.0.1:9/" });
        Assert.Equal((null, 1), await ShownAsync());
        Assert.Equal("REQUIRED_PARAM_MISSING", (await crm.GetAsync("actions/watch")).Root);
        Assert.Equal("SUCCESS", Code(await crm.DeleteAsync("actions/watch?channel_ids=1")));
        Assert.Equal(204, (await crm.GetAsync("actions/watch?channel_id=1")).Code);

        async Task<(string?, int)> ShownAsync()
        {
            var watch = (await crm.GetAsync("actions/watch?channel_id=1")).Body.GetProperty("watch");
            return (watch[0].GetProperty("token").GetString(), watch.GetArrayLength());
        }

        static string? Code(CrmReply reply) => reply.Body.GetProperty("watch")[0].GetProperty("code").GetString();
    }

    private static IEnumerable<string?> Ids(JsonElement body) => body.GetProperty("ids").EnumerateArray().Select(id => id.GetString());

    private static Task<CrmReply> WatchAsync(CrmCaller crm, string url, string? token = null) => SendAsync(crm, HttpMethod.Post, new
    {
        channel_id = "1000000068001",
        events = new[] { "Leads.create", "Leads.edit", "Leads.delete" },
        notify_url = url,
        token,
        return_affected_field_values = true,
        notify_on_related_action = false,
    });

    private static Task<CrmReply> SendAsync(CrmCaller crm, HttpMethod method, object channel) => crm.SendAsync(method, "actions/watch", new { watch = new[] { channel } });

    /// <summary>Takes callbacks on a port of its own.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly BlockingCollection<JsonElement> _bodies = [];
        private WebApplication _app = null!;

        public string Url => $"{_app.Urls.Single()}/callback";

        public static async Task<Listener> StartAsync()
        {
            var listener = new Listener();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            listener._app = builder.Build();
            listener._app.MapPost("/callback", async (HttpContext context) =>
            {
                using var body = await JsonDocument.ParseAsync(context.Request.Body);
                listener._bodies.Add(body.RootElement.Clone());
            });
            await listener._app.StartAsync();
            return listener;
        }

        public Task<JsonElement> NextAsync() => Task.Run(() =>
            _bodies.TryTake(out var body, Eventually.Limit) ? body : throw new TimeoutException("No callback came."));

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            _bodies.Dispose();
        }
    }
}
