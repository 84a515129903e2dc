using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Simulator.Tests.WhatsApp;

/// <summary>What WhatsApp tells a webhook, as the webhook gets it.</summary>
public sealed class WhatsAppTests : IAsyncLifetime
{
    private const string Secret = "fake-app-secret-1";

    private readonly SimulatorHost _simulator = new();
    private readonly ConcurrentQueue<(string Signature, byte[] Body)> _received = [];
    private WebApplication _webhook = null!;
    private int _answer = StatusCodes.Status200OK;

    private string Address => $"{_webhook.Urls.Single()}/webhook";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _webhook = builder.Build();
        _webhook.MapPost("/webhook", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            _received.Enqueue((http.Request.Headers["X-Hub-Signature-256"].ToString(), body.ToArray()));
            return Results.StatusCode(_answer);
        });
        await _webhook.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _simulator.Dispose();
    }

    [Fact]
    public async Task A_message_is_told_signed_as_often_as_it_is_said_to_be_and_byte_for_byte_the_same()
    {
        var told = await _simulator.ControlAsync(HttpMethod.Post, "whatsapp/messages", new
        {
            address = Address,
            app_secret = Secret,
            phone_number_id = "800000000000002",
            phone = "+1 202 555 0111",
            name = "Nora",
            text = "Olá \"Nora\" 👍",
            times = 2,
        });

        Assert.Equal([200, 200], told.GetProperty("answers").EnumerateArray().Select(answer => answer.GetInt32()));
        Assert.Equal(2, _received.Count);
        Assert.All(_received, one => Assert.Equal(
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), one.Body)), one.Signature));
        Assert.Equal(_received.First().Body, _received.Last().Body);
        var value = ValueOf(_received.First().Body);
        Assert.Equal("800000000000002", value.GetProperty("metadata").GetProperty("phone_number_id").GetString());
        var contact = Assert.Single(value.GetProperty("contacts").EnumerateArray());
        Assert.Equal(("12025550111", "Nora"), (contact.GetProperty("wa_id").GetString(), contact.GetProperty("profile").GetProperty("name").GetString()));
        var message = Assert.Single(value.GetProperty("messages").EnumerateArray());
        Assert.Equal(
            ("12025550111", "text", "Olá \"Nora\" 👍", told.GetProperty("message_id").GetString()),
            (message.GetProperty("from").GetString(), message.GetProperty("type").GetString(), message.GetProperty("text").GetProperty("body").GetString(),
                message.GetProperty("id").GetString()));
        Assert.Equal(contact.GetProperty("user_id").GetString(), message.GetProperty("from_user_id").GetString());
        Assert.Matches("^[0-9]{10}$", message.GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task Who_withholds_their_number_is_told_by_user_id_alone()
    {
        await _simulator.ControlAsync(
            HttpMethod.Post, "whatsapp/messages", new { address = Address, app_secret = Secret, user_id = "US.90000000000000000001", text = "Hi" });

        var value = ValueOf(_received.Single().Body);
        Assert.False(value.GetProperty("contacts")[0].TryGetProperty("wa_id", out _));
        Assert.False(value.GetProperty("messages")[0].TryGetProperty("from", out _));
        Assert.Equal("US.90000000000000000001", value.GetProperty("messages")[0].GetProperty("from_user_id").GetString());
    }

    [Fact]
    public async Task Statuses_are_told_one_by_one_and_a_failure_with_its_code()
    {
        await _simulator.ControlAsync(
            HttpMethod.Post, "whatsapp/statuses", new { address = Address, app_secret = Secret, phone = "12025550111", message_id = "wamid.A" });
        await _simulator.ControlAsync(
            HttpMethod.Post, "whatsapp/statuses",
            new { address = Address, app_secret = Secret, phone = "12025550111", message_id = "wamid.B", statuses = new[] { "failed" } });

        var told = _received.Select(one => ValueOf(one.Body)).ToList();
        Assert.Equal(
            ["wamid.A sent", "wamid.A delivered", "wamid.A read", "wamid.B failed"],
            told.Select(value => value.GetProperty("statuses")[0]).Select(status => $"{status.GetProperty("id").GetString()} {status.GetProperty("status").GetString()}"));
        Assert.All(told, value => Assert.Equal("12025550111", value.GetProperty("statuses")[0].GetProperty("recipient_id").GetString()));
        Assert.Equal(131026, told[^1].GetProperty("statuses")[0].GetProperty("errors")[0].GetProperty("code").GetInt32());
        // contacts are in all but those of what failed
        Assert.Equal([true, true, true, false], told.Select(value => value.TryGetProperty("contacts", out _)));
    }

    [Fact]
    public async Task What_the_webhook_answers_is_told_and_nothing_is_sent_again()
    {
        _answer = StatusCodes.Status403Forbidden;

        var told = await _simulator.ControlAsync(
            HttpMethod.Post, "whatsapp/messages", new { address = Address, app_secret = Secret, phone = "12025550111", text = "Hi" });

        Assert.Equal([403], told.GetProperty("answers").EnumerateArray().Select(answer => answer.GetInt32()));
        Assert.Single(_received);
    }

    [Theory]
    [InlineData("""{"address":"https://example.com/webhook","app_secret":"fake","phone":"12025550111","text":"Hi"}""", "address")]
    [InlineData("""{"address":"/webhook","app_secret":"fake","phone":"12025550111","text":"Hi"}""", "address")]
    [InlineData("""{"address":"http://127.0.0.1:9/","phone":"12025550111","text":"Hi"}""", "app_secret")]
    [InlineData("""{"address":"http://127.0.0.1:9/","app_secret":"fake","text":"Hi"}""", "phone")]
    [InlineData("""{"address":"http://127.0.0.1:9/","app_secret":"fake","phone":"five","text":"Hi"}""", "phone")]
    [InlineData("""{"address":"http://127.0.0.1:9/","app_secret":"fake","phone":"12025550111"}""", "text")]
    [InlineData("""{"address":"http://127.0.0.1:9/","app_secret":"fake","phone":"12025550111","text":"Hi","times":11}""", "times")]
    public async Task A_wrong_order_is_refused_by_field(string body, string field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var refused = await _simulator.Http.PostAsync("/_simulator/whatsapp/messages", content);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(field, (await SimulatorHost.JsonAsync(refused)).GetProperty("field").GetString());
    }

    [Fact]
    public async Task An_address_where_nobody_answers_is_said_to_be_one()
    {
        var gone = Address;
        await _webhook.StopAsync();

        using var refused = await _simulator.Http.PostAsJsonAsync(
            "/_simulator/whatsapp/messages", new { address = gone, app_secret = Secret, phone = "12025550111", text = "Hi" });

        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Equal("address", (await SimulatorHost.JsonAsync(refused)).GetProperty("field").GetString());
    }

    private static JsonElement ValueOf(byte[] body)
    {
        var root = JsonElement.Parse(body);
        Assert.Equal("whatsapp_business_account", root.GetProperty("object").GetString());
        var change = Assert.Single(Assert.Single(root.GetProperty("entry").EnumerateArray()).GetProperty("changes").EnumerateArray());
        Assert.Equal("messages", change.GetProperty("field").GetString());
        return change.GetProperty("value");
    }
}
