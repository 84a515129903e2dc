using System.Net;
using System.Text;

namespace ZohoPlatform.Simulator.Tests.Control;

public sealed class WrongInputTests(WrongInputTests.OneSimulator shared) : IClassFixture<WrongInputTests.OneSimulator>
{
    private readonly SimulatorHost _zoho = shared.Zoho;

    [Theory]
    [InlineData("POST", "clock", """{"speed":2}""", "speed")]
    [InlineData("POST", "clock", """{"advance_seconds":"much"}""", "advance_seconds")]
    [InlineData("POST", "clock", """{"advance_seconds":-1}""", "advance_seconds")]
    [InlineData("POST", "clock", """{"advance_""", "$")]
    [InlineData("POST", "clock", "null", "$")]
    [InlineData("POST", "faults", "{}", "kind")]
    [InlineData("POST", "faults", """{"kind":"explode"}""", "kind")]
    [InlineData("POST", "faults", """{"kind":"hang","times":0}""", "times")]
    [InlineData("POST", "faults", """{"kind":"hang","host":""}""", "host")]
    [InlineData("POST", "faults", """{"kind":"hang","path":"oauth"}""", "path")]
    [InlineData("POST", "faults", """{"kind":"status"}""", "status")]
    [InlineData("POST", "faults", """{"kind":"latency"}""", "milliseconds")]
    [InlineData("PUT", "down", """{"mode":"sideways"}""", "mode")]
    [InlineData("PUT", "down", "{}", "mode")]
    [InlineData("PATCH", "settings", """{"code_seconds":0}""", "code_seconds")]
    [InlineData("PATCH", "settings", """{"code_seconds":"soon"}""", "code_seconds")]
    [InlineData("PATCH", "settings", """{"locked_status":500}""", "locked_status")]
    [InlineData("PATCH", "settings", """{"kindness":true}""", "kindness")]
    [InlineData("PUT", "quotas", """{"method":"listSubscribe"}""", "method")]
    [InlineData("PUT", "quotas", """{"method":"listsubscribe","windows":[]}""", "windows")]
    [InlineData("PUT", "quotas", """{"method":"listsubscribe","windows":[{"calls":1}]}""", "windows")]
    [InlineData("PUT", "quotas", """{"method":"listsubscribe","lock_seconds":-1}""", "lock_seconds")]
    [InlineData("PUT", "clients", """{"client_id":"demo","secrets":{"us":"fakesecret"}}""", "client_id")]
    [InlineData("PUT", "clients", """{"client_id":"1000.FAKENEW","secrets":{"mars":"fakesecret"}}""", "secrets")]
    [InlineData("PUT", "clients", """{"client_id":"1000.FAKENEW"}""", "secrets")]
    [InlineData("PUT", "clients", """{"client_id":"1000.FAKENEW","secrets":{"us":"fakesecret"},"redirect_uris":["/here"]}""", "redirect_uris")]
    [InlineData("POST", "organisations", """{"data_centre":"mars","name":"X"}""", "data_centre")]
    [InlineData("POST", "organisations", """{"data_centre":"us"}""", "name")]
    [InlineData("POST", "users", """{"organisation_id":1,"email":"a@example.com"}""", "organisation_id")]
    [InlineData("POST", "users", """{"organisation_id":60000000001,"email":"a"}""", "email")]
    [InlineData("POST", "lists", """{"organisation_id":60000000001}""", "name")]
    [InlineData("POST", "lists", """{"organisation_id":60000000001,"name":"X","key":"3zfade00000000000000000000000000000000000000000000000000000000de70"}""", "key")]
    [InlineData("POST", "lists/us/" + SimulatorHost.ListKey + "/contacts", """{"contacts":[{"email":"a@example.com"},{"email":"b"}]}""", "contacts[1].email")]
    [InlineData("POST", "lists/us/" + SimulatorHost.ListKey + "/contacts", """{"contacts":[{"email":"a@example.com","status":"gone"}]}""", "contacts[0].status")]
    [InlineData("POST", "grant-codes", """{"data_centre":"mars"}""", "data_centre")]
    [InlineData("POST", "grant-codes", """{"client_id":"1000.FAKENOBODY"}""", "client_id")]
    [InlineData("POST", "grant-codes", """{"zuid":1}""", "zuid")]
    [InlineData("POST", "grant-codes", """{"scopes":"ZohoCampaigns.contact.all"}""", "scopes")]
    [InlineData("POST", "grant-codes", """{"minutes":0}""", "minutes")]
    [InlineData("POST", "finance/us/organisations", "{}", "name")]
    [InlineData("POST", "finance/us/organisations", """{"name":"X","time_zone":"Mars/Olympus"}""", "time_zone")]
    [InlineData("POST", "finance/us/organisations", """{"name":"X","currency_code":"EURO"}""", "currency_code")]
    [InlineData("POST", "finance/us/organisations", """{"name":"X","plan":"Golden"}""", "plan")]
    [InlineData("PATCH", "finance/us", "{}", "time_zone")]
    [InlineData("PUT", "finance/us/plan", """{"plan":"Golden"}""", "plan")]
    [InlineData("PUT", "finance/us/plan", """{"calls_per_day":-1}""", "calls_per_day")]
    [InlineData("POST", "finance/us/items/custom-fields", "{}", "label")]
    [InlineData("POST", "finance/us/items/custom-fields", """{"label":"X","api_name":"x"}""", "api_name")]
    [InlineData("POST", "finance/us/items/custom-fields", """{"label":"X","data_type":"blob"}""", "data_type")]
    [InlineData("POST", "finance/us/items/generated-rows", """{"count":0}""", "count")]
    [InlineData("POST", "finance/us/invoices/generated-rows", """{"count":1,"lines":0}""", "lines")]
    [InlineData("POST", "finance/us/items/generated-rows", """{"count":1,"per_second":0}""", "per_second")]
    [InlineData("POST", "finance/us/items/edited-rows", "{}", "count")]
    [InlineData("PUT", "finance/us/items/edits-between-pages", """{"count":-1}""", "count")]
    [InlineData("PATCH", "settings", """{"finance":{"gone_status":500}}""", "finance.gone_status")]
    [InlineData("PATCH", "settings", """{"finance":null}""", "finance")]
    [InlineData("POST", "tokens/kill", "{}", "kind")]
    [InlineData("POST", "tokens/kill", """{"kind":"access","data_centre":"mars"}""", "data_centre")]
    public async Task Wrong_input_is_400_with_the_field_and_changes_nothing(string verb, string path, string body, string field)
    {
        var before = await StateAsync();

        using var request = new HttpRequestMessage(new(verb), $"/_simulator/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await _zoho.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await SimulatorHost.JsonAsync(response);
        Assert.Equal(field, problem.GetProperty("field").GetString());
        Assert.NotEmpty(problem.GetProperty("message").GetString()!);
        Assert.Equal(before, await StateAsync());
    }

    private async Task<string> StateAsync()
    {
        var state = await _zoho.ControlAsync(HttpMethod.Get, "state");
        return string.Join('\n', state.EnumerateObject().Where(part => part.Name != "clock").Select(part => part.Value.GetRawText()));
    }

    /// <summary>One simulator for all: nothing here changes it.</summary>
    public sealed class OneSimulator : IDisposable
    {
        internal SimulatorHost Zoho { get; } = new();

        public void Dispose() => Zoho.Dispose();
    }
}
