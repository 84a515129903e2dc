using System.Net;
using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

public sealed class SettingsTests(SharedGateway shared) : IClassFixture<SharedGateway>, IAsyncLifetime
{
    private const string Zoho = "/api/settings/integrations/zoho";

    private readonly GatewayHost _gateway = shared.Host;

    public Task InitializeAsync()
    {
        _gateway.Services.Crm.ResolveConnection = ScriptedCrm.NotConnected;
        _gateway.Services.Messaging.GetSettings = _ => new();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task One_page_shows_the_settings_of_both_services_with_masks()
    {
        _gateway.Services.GetSettings = (request, _) => new()
        {
            Provider = request.Provider,
            ClientId = "1000.FAKE",
            ClientSecrets = { [""] = "••••cret", ["eu"] = "••••t-eu" },
            Region = "eu",
            CrmEnabled = true,
            OrganizationId = "77",
        };
        _gateway.Services.GetCampaignsSettings = _ => new() { CampaignsListKey = "list-1" };
        using var client = await _gateway.CreateClientOfNewTenantAsync();
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");
        (await operators.GetAsync(Zoho)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        (await operators.GetAsync("/api/settings/integrations/hubspot")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");

        var answer = await client.GetAsync(Zoho);

        Assert.Equal("••••cret", answer.Json.GetProperty("client_secret").GetString());
        Assert.Equal("••••t-eu", answer.Json.GetProperty("client_secrets").GetProperty("eu").GetString());
        Assert.Equal(
            ("1000.FAKE", "eu", true, "77", "list-1"),
            (answer.Json.GetProperty("client_id").GetString(),
                answer.Json.GetProperty("region").GetString(),
                answer.Json.GetProperty("crm_enabled").GetBoolean(),
                answer.Json.GetProperty("organization_id").GetString(),
                answer.Json.GetProperty("campaigns_list_key").GetString()));
        Assert.False(answer.Json.TryGetProperty("api_domain", out _));
    }

    [Theory]
    [InlineData("zoho")]
    [InlineData("hubspot")]
    public async Task A_refresh_token_connects_for_what_its_scopes_allow_once_the_client_is_set(string provider)
    {
        var done = new List<string>();
        CreateConnectionRequest? sent = null;
        _gateway.Services.UpdateSettings = (_, _) =>
        {
            done.Add("client");
            return new();
        };
        _gateway.Services.GetCampaignsSettings = _ => new();
        _gateway.Services.CreateConnection = (request, _) =>
        {
            done.Add("connection");
            sent = request;
            return new() { Id = "c1" };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await client.PostAsync($"/api/settings/integrations/{provider}", new { client_id = "1000.fake", refresh_token = "1000.fake-refresh" });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["client", "connection"], done);
        Assert.Equal((provider, "1000.fake-refresh", 0), (sent!.Provider, sent.RefreshToken, sent.Features.Count));
        Assert.DoesNotContain("fake-refresh", answer.Text, StringComparison.Ordinal);
        _gateway.Services.CreateConnection = (_, _) => throw new Failure(FailureKind.Precondition, "grant_revoked", "It was taken back.").ToRpcException();
        (await client.PostAsync($"/api/settings/integrations/{provider}", new { refresh_token = "1000.fake-other" }))
            .AssertProblem(HttpStatusCode.Conflict, "grant_revoked");
        await client.PostAsync($"/api/settings/integrations/{provider}", new { enabled = true, refresh_token = "" });
        Assert.Equal("1000.fake-refresh", sent.RefreshToken);
    }

    [Fact]
    public async Task What_is_absent_is_not_touched_and_a_mask_goes_back_as_it_came()
    {
        UpdateSettingsRequest? sent = null;
        _gateway.Services.UpdateSettings = (request, _) =>
        {
            sent = request;
            return new();
        };
        _gateway.Services.GetCampaignsSettings = _ => new() { CampaignsListKey = "kept" };
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await client.PostAsync(Zoho, new { client_secret = "••••cret", region = "in" });

        Assert.Equal(new UpdateSettingsRequest { Provider = "zoho", Region = "in", ClientSecrets = { [""] = "••••cret" } }, sent);
        Assert.Equal("kept", answer.Json.GetProperty("campaigns_list_key").GetString());
    }

    [Fact]
    public async Task What_is_of_conversations_is_shown_and_changed_beside_the_rest()
    {
        UpdateMessagingSettingsRequest? sent = null;
        var whole = new MessagingSettings
        {
            DefaultRegion = "GB",
            MessagesModule = "Chats",
            CrmOrganizationId = "88",
            DailyNotes = true,
            DialogUrl = "https://chat.example.com/{conversation_id}",
            LeadSource = "Chat",
        };
        _gateway.Services.GetSettings = (_, _) => new();
        _gateway.Services.UpdateSettings = (_, _) => new();
        _gateway.Services.GetCampaignsSettings = _ => new();
        _gateway.Services.Messaging.GetSettings = _ => whole;
        _gateway.Services.Messaging.UpdateSettings = (request, _) =>
        {
            sent = request;
            return new() { DailyNotes = false };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var seen = await client.GetAsync(Zoho);
        var untouched = await client.PostAsync(Zoho, new { region = "eu" });
        Assert.Null(sent);
        var changed = await client.PostAsync(Zoho, new
        {
            default_region = "BR",
            messages_module = "",
            crm_organization_id = "",
            daily_notes = false,
            dialog_url = "",
            lead_source = "",
        });

        foreach (var answer in (Answer[])[seen, untouched])
        {
            Assert.Equal(
                ("GB", "Chats", "88", true, "https://chat.example.com/{conversation_id}", "Chat"),
                (answer.Json.GetProperty("default_region").GetString(),
                    answer.Json.GetProperty("messages_module").GetString(),
                    answer.Json.GetProperty("crm_organization_id").GetString(),
                    answer.Json.GetProperty("daily_notes").GetBoolean(),
                    answer.Json.GetProperty("dialog_url").GetString(),
                    answer.Json.GetProperty("lead_source").GetString()));
        }

        Assert.Equal(
            new UpdateMessagingSettingsRequest
            {
                DefaultRegion = "BR",
                MessagesModule = "",
                CrmOrganizationId = "",
                DailyNotes = false,
                DialogUrl = "",
                LeadSource = "",
            },
            sent);
        Assert.False(changed.Json.GetProperty("daily_notes").GetBoolean());
        Assert.False(changed.Json.TryGetProperty("default_region", out _));
        _gateway.Services.Messaging.UpdateSettings = (_, _) => throw Failure.InvalidField("default_region", "default_region is no country.").ToRpcException();
        (await client.PostAsync(Zoho, new { default_region = "XX" })).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "default_region");
    }

    [Fact]
    public async Task Where_there_are_no_conversations_the_rest_goes_on_and_what_is_of_them_is_refused_before_anything_is_changed()
    {
        await using var gateway = await GatewayHost.StartAsync(("services:messaging:grpc:0", null));
        var changes = 0;
        gateway.Services.GetSettings = (_, _) => new();
        gateway.Services.UpdateSettings = (_, _) =>
        {
            changes++;
            return new();
        };
        gateway.Services.GetCampaignsSettings = _ => new();
        using var client = await gateway.CreateClientOfNewTenantAsync();

        Assert.False((await client.GetAsync(Zoho)).Json.TryGetProperty("daily_notes", out _));
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(Zoho, new { region = "eu" })).Status);
        foreach (var (body, field) in (IEnumerable<(object, string)>)
            [
                (new { default_region = "GB" }, "default_region"),
                (new { messages_module = "x" }, "messages_module"),
                (new { crm_organization_id = "1" }, "crm_organization_id"),
                (new { daily_notes = false }, "daily_notes"),
                (new { dialog_url = "" }, "dialog_url"),
                (new { lead_source = "x", region = "in" }, "lead_source"),
            ])
        {
            (await client.PostAsync(Zoho, body)).AssertProblem(HttpStatusCode.ServiceUnavailable, "service_not_configured", field);
        }

        Assert.Equal(1, changes);
    }

    [Fact]
    public async Task The_connection_that_serves_a_feature_is_chosen_and_shown()
    {
        UpdateSettingsRequest? sent = null;
        _gateway.Services.UpdateSettings = (request, _) =>
        {
            sent = request;
            return new() { FeatureConnections = { ["campaigns"] = "c7" } };
        };
        _gateway.Services.GetCampaignsSettings = _ => new();
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await client.PostAsync(
            Zoho, new { feature_connections = new Dictionary<string, string?> { ["campaigns"] = "c7", ["crm"] = null } });

        Assert.Equal(new UpdateSettingsRequest { Provider = "zoho", FeatureConnections = { ["campaigns"] = "c7", ["crm"] = "" } }, sent);
        Assert.Equal("""{"campaigns":"c7"}""", answer.Json.GetProperty("feature_connections").GetRawText());
    }

    [Fact]
    public async Task All_settings_reach_the_service_that_owns_them()
    {
        UpdateSettingsRequest? client = null;
        UpdateCampaignsSettingsRequest? list = null;
        _gateway.Services.UpdateSettings = (request, _) =>
        {
            client = request;
            return new();
        };
        _gateway.Services.UpdateCampaignsSettings = (request, _) =>
        {
            list = request;
            return new() { CampaignsListKey = request.CampaignsListKey };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        await admin.PostAsync(
            Zoho,
            new
            {
                client_id = "1000.FAKE",
                client_secrets = new { eu = "fake-secret-eu", us = "" },
                region = "eu",
                crm_enabled = false,
                organization_id = "77",
                api_domain = "https://www.zohoapis.eu",
                campaigns_list_key = "list-2",
            });

        Assert.Equal(
            new UpdateSettingsRequest
            {
                Provider = "zoho",
                ClientId = "1000.FAKE",
                ClientSecrets = { ["eu"] = "fake-secret-eu", ["us"] = "" },
                Region = "eu",
                CrmEnabled = false,
                OrganizationId = "77",
                ApiDomain = "https://www.zohoapis.eu",
            },
            client);
        Assert.Equal(new UpdateCampaignsSettingsRequest { CampaignsListKey = "list-2" }, list);
    }

    [Fact]
    public async Task A_refused_field_has_one_name_in_every_api()
    {
        _gateway.Services.UpdateSettings = (_, _) => throw Failure.InvalidField("organization_id", "organization_id must be digits.").ToRpcException();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.PostAsync(Zoho, new { organization_id = "x" });

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "organization_id");
        Assert.Equal("organization_id must be digits.", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_trial_tells_check_by_check_what_was_found()
    {
        _gateway.Services.ResolveConnection = _ => throw new Failure(FailureKind.Precondition, "not_connected", "Connect Zoho first.").ToRpcException();
        _gateway.Services.TestCampaignsSettings = _ => new() { Ok = true, Message = "The list Users answers." };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var answer = await client.PostAsync($"{Zoho}/test");

        Assert.Equal(
            """{"ok":false,"checks":[{"name":"connection","ok":false,"code":"not_connected","message":"Connect Zoho first.","findings":[]},"""
            + """{"name":"campaigns_list","ok":true,"message":"The list Users answers.","findings":[]}]}""",
            answer.Text);
    }

    [Fact]
    public async Task What_a_check_failed_at_because_of_another_says_so()
    {
        _gateway.Services.ResolveConnection = _ => throw new Failure(
            FailureKind.Precondition, "not_connected", "Connect Zoho first.").ToRpcException();
        _gateway.Services.TestCampaignsSettings = _ => new() { Code = "not_connected", Message = "Connect Zoho first." };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var follower = (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks")[1];

        Assert.Equal("connection", follower.GetProperty("follows_from").GetString());
        // until a grant that was taken back counts as revoked, the product says it of the token and the account server of the grant
        _gateway.Services.ResolveConnection = _ => new() { Id = "c1" };
        _gateway.Services.TestConnection = (_, _) => new() { Code = "grant_refused_once", Message = "Refused." };
        _gateway.Services.TestCampaignsSettings = _ => new() { Code = "zoho_token_refused", Message = "Refused.", ConnectionId = "c1" };
        follower = (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks")[1];
        Assert.Equal("connection", follower.GetProperty("follows_from").GetString());
        _gateway.Services.TestCampaignsSettings = _ => new() { Code = "list_key_missing", Message = "No list." };
        var other = (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks")[1];
        Assert.False(other.TryGetProperty("follows_from", out _));
    }

    [Fact]
    public async Task The_crm_is_looked_at_where_a_connection_serves_it_and_its_findings_are_told_one_by_one()
    {
        var crm = _gateway.Services.Crm;
        _gateway.Services.ResolveConnection = _ => new() { Id = "c1" };
        _gateway.Services.TestConnection = (_, _) => new() { Ok = true, Message = "Zoho answered." };
        _gateway.Services.TestCampaignsSettings = _ => new() { Ok = true, Message = "The list Users answers." };
        CheckRequest? asked = null;
        CheckResponse found = new();
        _gateway.Services.Messaging.Check = _ => new() { MessagesModule = "Messages" };
        crm.Check = (request, _) =>
        {
            asked = request;
            return found;
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        async Task<JsonElement[]> ChecksAsync() => [.. (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks").EnumerateArray()];
        foreach (var code in (string[])["not_connected", "connection_not_chosen"])
        {
            crm.ResolveConnection = () => throw new Failure(FailureKind.Precondition, code, "There is none.").ToRpcException();
            Assert.Equal(2, (await ChecksAsync()).Length);
        }

        crm.ResolveConnection = ScriptedCrm.SwitchedOff;
        const string Off = "CRM messaging is off, and conversations stay here: set crm_enabled in the Zoho settings.";
        Assert.Equal(
            $$"""{"name":"crm","ok":true,"message":"{{Off}}","findings":[{"name":"crm","status":"not_looked","code":"crm_disabled","message":"{{Off}}"}]}""",
            (await ChecksAsync())[2].GetRawText());

        crm.ResolveConnection = () => new() { Id = "c2" };
        found = new()
        {
            ConnectionId = "c2",
            AccountName = "ada@example.com",
            OrganizationId = "7001",
            OrganizationName = "Example Ltd",
            DataCentre = "eu",
            Link = "https://crm.zoho.eu/crm/org20/tab/Leads",
            Channel = new CrmChannel { Modules = { "Leads", "Contacts" } },
        };
        Assert.Equal(
            """{"name":"crm","ok":true,"message":"Zoho CRM of Example Ltd answered.","connection_id":"c2","account":"ada@example.com","findings":["""
                + """{"name":"organization","status":"ok","message":"Example Ltd (7001) in eu answered."},"""
                + """{"name":"link","status":"ok","message":"Its records open at https://crm.zoho.eu/crm/org20/tab/Leads."},"""
                + """{"name":"notifications","status":"ok","message":"Zoho CRM tells of changes in Leads, Contacts by itself."}]}""",
            (await ChecksAsync())[2].GetRawText());
        Assert.Equal(new CheckRequest { ConnectionId = "c2" }, asked);

        found.Findings.Add(new CrmFinding { Code = "channel_ended", Message = "Seen within minutes." });
        var lesser = (await ChecksAsync())[2];
        Assert.True(lesser.GetProperty("ok").GetBoolean());
        Assert.Equal(["ok", "ok", "warning"], lesser.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("status").GetString()));

        found.Findings.Add(new CrmFinding { Code = "crm_module_off", Message = "Leads is off.", Module = "Leads" });
        var failed = (await ChecksAsync())[2];
        Assert.Equal(
            (false, "crm_module_off", "Leads is off."),
            (failed.GetProperty("ok").GetBoolean(), failed.GetProperty("code").GetString(), failed.GetProperty("message").GetString()));
        Assert.Equal(
            """{"name":"module","status":"failed","code":"crm_module_off","message":"Leads is off.","module":"Leads"}""",
            failed.GetProperty("findings")[3].GetRawText());
    }

    [Fact]
    public async Task How_messages_get_into_the_crm_is_a_check_of_its_own_that_tells_a_cause_once()
    {
        var crm = _gateway.Services.Crm;
        _gateway.Services.ResolveConnection = _ => new() { Id = "c1" };
        _gateway.Services.TestConnection = (_, _) => new() { Ok = true, Message = "Zoho answered." };
        _gateway.Services.TestCampaignsSettings = _ => new() { Ok = true, Message = "The list Users answers." };
        crm.ResolveConnection = () => new() { Id = "c2" };
        crm.Check = (_, _) => new() { ConnectionId = "c2", OrganizationName = "Example Ltd" };
        var found = new CheckMessagingResponse { MessagesModule = "Chats" };
        Role? role = null;
        _gateway.Services.Messaging.Check = caller =>
        {
            role = caller.Role;
            return found;
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        async Task<JsonElement> CheckAsync() => (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks")[3];

        Assert.Equal(
            """{"name":"messaging","ok":true,"message":"Messages become records of Chats in Zoho CRM.","connection_id":"c2","findings":["""
                + """{"name":"messaging","status":"ok","message":"Messages become records of Chats in Zoho CRM."}]}""",
            (await CheckAsync()).GetRawText());
        Assert.Equal(Role.Operator, role);
        found = new() { KeptInNotes = "There is no module Messages: messages are kept in notes." };
        Assert.Equal(
            (true, found.KeptInNotes),
            ((await CheckAsync()).GetProperty("ok").GetBoolean(), (await CheckAsync()).GetProperty("message").GetString()));

        found.Findings.Add(new MessagingFinding { Code = "messages_module_unusable", Message = found.KeptInNotes });
        Assert.Equal(
            $$"""{"name":"messaging","ok":false,"code":"messages_module_unusable","message":"{{found.KeptInNotes}}","connection_id":"c2","findings":["""
                + $$"""{"name":"messaging","status":"failed","code":"messages_module_unusable","message":"{{found.KeptInNotes}}"}]}""",
            (await CheckAsync()).GetRawText());

        crm.Check = (_, _) => new() { ConnectionId = "c2", Findings = { new CrmFinding { Code = "scopes_missing", Message = "Not granted." } } };
        found = new() { Findings = { new MessagingFinding { Code = "scopes_missing", Message = "Not granted." } } };
        Assert.Equal("crm", (await CheckAsync()).GetProperty("follows_from").GetString());

        crm.ResolveConnection = ScriptedCrm.SwitchedOff;
        Assert.Equal(3, (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks").GetArrayLength());

        // nobody misses the CRM, unless messages wait for it
        crm.ResolveConnection = ScriptedCrm.NotConnected;
        found = new() { Findings = { new MessagingFinding { Code = "not_connected", Message = "Connect Zoho first." } } };
        Assert.Equal(2, (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks").GetArrayLength());
        found.Waiting = 3;
        found.Failed = 2;
        var waiting = (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks")[2];
        Assert.Equal(
            (false, "not_connected", "Connect Zoho first. Messages that wait: 3."),
            (waiting.GetProperty("ok").GetBoolean(), waiting.GetProperty("code").GetString(), waiting.GetProperty("message").GetString()));
        Assert.Equal(["not_connected", "messages_failed"], waiting.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Who_has_the_crm_alone_hears_nothing_of_campaigns_unless_a_list_is_set()
    {
        _gateway.Services.ResolveConnection = _ => throw new Failure(FailureKind.Precondition, "not_connected", "Connect Zoho first.").ToRpcException();
        _gateway.Services.TestConnection = (id, _) => new() { Ok = id == "c2", Message = "Zoho answered." };
        _gateway.Services.TestCampaignsSettings = _ => new() { Code = "not_connected", Message = "Connect Zoho first." };
        _gateway.Services.GetCampaignsSettings = _ => new();
        _gateway.Services.Crm.ResolveConnection = () => new() { Id = "c2" };
        _gateway.Services.Crm.Check = (_, _) => new() { ConnectionId = "c2", OrganizationName = "Example Ltd" };
        _gateway.Services.Messaging.Check = _ => new() { MessagesModule = "Messages" };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        async Task<(bool Ok, string Checks)> TrialAsync()
        {
            var trial = (await client.PostAsync($"{Zoho}/test")).Json;
            return (trial.GetProperty("ok").GetBoolean(), string.Join(' ', trial.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString())));
        }

        Assert.Equal((true, "connection crm messaging"), await TrialAsync());
        // what is wrong with it is wrong
        _gateway.Services.TestConnection = (_, _) => new() { Code = "grant_revoked", Message = "Taken back." };
        Assert.Equal((false, "connection crm messaging"), await TrialAsync());
        // connected, and off: that is what it uses
        _gateway.Services.Crm.ResolveConnection = ScriptedCrm.SwitchedOff;
        Assert.Equal((true, "crm"), await TrialAsync());
        // who has set a list wants campaigns
        _gateway.Services.GetCampaignsSettings = _ => new() { CampaignsListKey = "list-1" };
        Assert.Equal((false, "connection campaigns_list crm"), await TrialAsync());
        // nothing is connected and nothing waits: it begins with campaigns
        _gateway.Services.GetCampaignsSettings = _ => new();
        _gateway.Services.Crm.ResolveConnection = ScriptedCrm.NotConnected;
        Assert.Equal((false, "connection campaigns_list"), await TrialAsync());
    }

    [Fact]
    public async Task A_crm_service_that_is_away_fails_its_own_check_and_one_that_is_not_there_has_none()
    {
        _gateway.Services.ResolveConnection = _ => new() { Id = "c1" };
        _gateway.Services.TestConnection = (_, _) => new() { Code = "client_secret_refused", Message = "Refused." };
        _gateway.Services.TestCampaignsSettings = _ => new() { Ok = true, Message = "The list Users answers." };
        _gateway.Services.Crm.ResolveConnection = () => new() { Id = "c1" };
        _gateway.Services.Messaging.Check = _ => new() { MessagesModule = "Messages" };
        await using var apart = _gateway.Replica(("services:crm:grpc:0", "http://127.0.0.1:9"));
        await using var without = _gateway.Replica(("services:crm:grpc:0", null));
        using var away = await apart.CreateClientOfNewTenantAsync("operator");
        using var none = await without.CreateClientOfNewTenantAsync("operator");

        var checks = (await away.PostAsync($"{Zoho}/test")).Json.GetProperty("checks");

        Assert.Equal(
            [("connection", false), ("campaigns_list", true), ("crm", false), ("messaging", true)],
            checks.EnumerateArray().Select(check => (check.GetProperty("name").GetString(), check.GetProperty("ok").GetBoolean())));
        Assert.Equal(2, (await none.PostAsync($"{Zoho}/test")).Json.GetProperty("checks").GetArrayLength());
        // what keeps the connection from working is told once
        _gateway.Services.Crm.Check = (_, _) => new()
        {
            ConnectionId = "c1",
            Findings = { new CrmFinding { Code = "client_secret_refused", Message = "Refused." } },
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        var follower = (await client.PostAsync($"{Zoho}/test")).Json.GetProperty("checks")[2];
        Assert.Equal("connection", follower.GetProperty("follows_from").GetString());
    }

    [Fact]
    public async Task The_integration_is_switched_off_and_on()
    {
        UpdateSettingsRequest? sent = null;
        _gateway.Services.UpdateSettings = (request, _) =>
        {
            sent = request;
            return new() { Enabled = request.Enabled };
        };
        _gateway.Services.GetCampaignsSettings = _ => new();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        foreach (var enabled in new[] { false, true })
        {
            var answer = await admin.PostAsync(Zoho, new { enabled });

            Assert.Equal(new UpdateSettingsRequest { Provider = "zoho", Enabled = enabled }, sent);
            Assert.Equal(enabled, answer.Json.GetProperty("enabled").GetBoolean());
        }
    }

    [Fact]
    public async Task A_bug_behind_a_check_is_not_a_finding()
    {
        _gateway.Services.ResolveConnection = _ => throw new RpcException(new Status(StatusCode.Internal, "oops"));
        _gateway.Services.TestCampaignsSettings = _ => new() { Ok = true, Message = "Fine." };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await client.PostAsync($"{Zoho}/test")).AssertProblem(HttpStatusCode.InternalServerError, "internal_error");
    }

    [Fact]
    public async Task HubSpots_client_is_set_the_same_way()
    {
        UpdateSettingsRequest? sent = null;
        _gateway.Services.UpdateSettings = (request, _) =>
        {
            sent = request;
            return new() { ClientId = request.ClientId, ClientSecrets = { [""] = "••••cret" } };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.PostAsync("/api/settings/integrations/hubspot", new { client_id = "fake", client_secret = "fake-hubspot-secret" });

        Assert.Equal("""{"client_id":"fake","client_secret":"••••cret","enabled":false,"feature_connections":{}}""", answer.Text);
        Assert.Equal(
            new UpdateSettingsRequest { Provider = "hubspot", ClientId = "fake", ClientSecrets = { [""] = "fake-hubspot-secret" } }, sent);
    }

    [Fact]
    public async Task HubSpots_trial_tries_its_connection()
    {
        _gateway.Services.ResolveConnection = _ => new() { Id = "c7" };
        _gateway.Services.TestConnection = (id, _) => new()
        {
            Ok = id == "c7",
            Message = "It works.",
            Findings = { new ConnectionFinding { Name = "client", Status = FindingStatus.Ok, Message = "HubSpot gave a new token." } },
            Connection = new() { Id = id, AccountName = "4711" },
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var answer = await client.PostAsync("/api/settings/integrations/hubspot/test");

        Assert.Equal(
            """{"ok":true,"checks":[{"name":"connection","ok":true,"message":"It works.","connection_id":"c7","account":"4711","findings":"""
                + """[{"name":"client","status":"ok","message":"HubSpot gave a new token."}]}]}""",
            answer.Text);
    }
}
