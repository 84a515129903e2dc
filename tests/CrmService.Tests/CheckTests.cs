using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>Whether the CRM can be worked with is found by asking it.</summary>
public sealed class CheckTests(Crm crm) : IClassFixture<Crm>, IAsyncLifetime
{
    private PlayedGateway _gateway = null!;
    private CrmWorld _world = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _world = await CrmWorld.StartAsync(crm, notifications: _gateway.Url);
        _gateway.Service = _world.Host;
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task An_organisation_that_works_is_named_with_a_link_into_its_data_centre()
    {
        var tenant = await _world.TenantAsync("eu");

        var answer = await CheckAsync(tenant);

        Assert.Empty(answer.Findings);
        Assert.Equal(("eu", tenant.ConnectionId, "owner-eu@example.com"), (answer.DataCentre, answer.ConnectionId, answer.AccountName));
        Assert.NotEmpty(answer.OrganizationName);
        Assert.StartsWith("https://crm.zoho.eu/crm/org", answer.Link, StringComparison.Ordinal);
        Assert.EndsWith("/tab/Leads", answer.Link, StringComparison.Ordinal);
        Assert.Null(answer.Channel);
    }

    [Fact]
    public async Task What_is_in_the_way_is_found_where_it_is()
    {
        var tenant = await _world.TenantAsync();
        _world.Tokens.Disconnect(tenant.Id);
        Assert.Equal(["not_connected"], await CodesAsync(tenant));

        var narrow = await _world.TenantAsync("eu", ["ZohoCRM.modules.ALL"]);
        Assert.Equal(["scopes_missing"], await CodesAsync(narrow));

        var elsewhere = await _world.TenantAsync("in");
        await crm.Simulator.ControlAsync(HttpMethod.Put, "down", new { mode = "unavailable" });
        Assert.Equal(["zoho_unavailable"], await CodesAsync(elsewhere));
        await crm.Simulator.ControlAsync(HttpMethod.Put, "down", new { mode = "up" });

        // a module that the organisation has not, and Zoho's answer of one that hides a module and a field
        var plain = await _world.TenantAsync("au");
        await plain.SubscribeAsync("Nonsense", ["Name"]);
        await Eventually.GetAsync(() => CodesAsync(plain), codes => codes.Contains("crm_module_off Nonsense") && codes.Contains("module_not_available Nonsense"));
        await crm.DisturbAsync(new
        {
            kind = "status",
            host = "www.zohoapis.com.au",
            path = "/crm/v8/settings/fields",
            status = 200,
            body = """{"fields":[{"api_name":"Last_Name","data_type":"text"}]}""",
        });
        var codes = await CodesAsync(plain);
        Assert.Contains("crm_phone_missing Leads", codes);
        Assert.Contains("crm_phone_missing Contacts", codes);
    }

    [Fact]
    public async Task A_channel_is_asked_for_at_Zoho()
    {
        var tenant = await _world.TenantAsync();
        await tenant.SubscribeAsync("Leads", ["Last_Name"]);
        await Eventually.GetAsync(() => CodesAsync(tenant), codes => codes.Count == 0);
        var channel = (await CheckAsync(tenant)).Channel;
        Assert.Equal(["Leads"], channel.Modules);

        await crm.ControlAsync(HttpMethod.Delete, "/channels");
        Assert.Equal(["channel_ended"], await CodesAsync(tenant));
    }

    [Fact]
    public async Task Without_a_public_address_it_is_said_that_Zoho_cannot_tell()
    {
        await using var world = await CrmWorld.StartAsync(crm, notifications: new Uri("http://platform.example.com"));
        var tenant = await world.TenantAsync();
        await tenant.SubscribeAsync("Leads", ["Last_Name"]);

        var answer = await world.Host.Check.CheckAsync(new CheckRequest(), world.Host.TicketOf(tenant.Id, Role.Operator));

        Assert.Equal(["notifications_off"], answer.Findings.Select(finding => finding.Code));
        Assert.Empty((await crm.ControlAsync(HttpMethod.Get, "/channels")).EnumerateArray());
    }

    private async Task<CheckResponse> CheckAsync(CrmTenant tenant) =>
        await _world.Host.Check.CheckAsync(new CheckRequest(), _world.Host.TicketOf(tenant.Id, Role.Operator));

    private async Task<IReadOnlyList<string>> CodesAsync(CrmTenant tenant) =>
        [.. (await CheckAsync(tenant)).Findings.Select(finding => $"{finding.Code} {finding.Module}".TrimEnd())];
}
