using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests.Settings;

public sealed class SettingsTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.PrepareAsync();
        await _world.StartHostAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task What_was_never_set_is_empty()
    {
        var settings = await GetAsync();

        Assert.Equal("", settings.ClientId);
        Assert.Equal("us", settings.Region);
        Assert.Empty(settings.ClientSecrets);
        Assert.False(settings.CrmEnabled);
    }

    [Fact]
    public async Task Only_what_is_sent_changes()
    {
        await UpdateAsync(new() { ClientId = TokenWorld.ClientId, Region = "EU", CrmEnabled = true, OrganizationId = "700123" });
        await UpdateAsync(new() { ApiDomain = "https://api.zoho.eu" });

        var settings = await GetAsync();

        Assert.Equal(TokenWorld.ClientId, settings.ClientId);
        Assert.Equal("eu", settings.Region);
        Assert.True(settings.CrmEnabled);
        Assert.Equal("700123", settings.OrganizationId);
        Assert.Equal("https://www.zohoapis.eu", settings.ApiDomain);
    }

    [Theory]
    [InlineData("fakesecret-abcd", "••••abcd")]
    [InlineData("fake1234", "••••1234")]
    [InlineData("fake123", "••••")]
    public async Task A_secret_goes_in_and_comes_out_as_a_mask(string secret, string mask)
    {
        Assert.Equal(mask, (await UpdateAsync(new() { ClientSecrets = { ["eu"] = secret } })).ClientSecrets["eu"]);
        Assert.Equal(mask, (await GetAsync()).ClientSecrets["eu"]);
    }

    [Fact]
    public async Task A_mask_that_is_sent_back_keeps_the_secret()
    {
        await _world.SetClientAsync();
        var settings = await GetAsync();

        await UpdateAsync(new() { ClientSecrets = { settings.ClientSecrets } });
        await _world.ConnectAsync();

        Assert.Equal(TokenWorld.ClientSecret, Assert.Single(_world.Zoho.Refreshes).Form["client_secret"]);
    }

    [Theory]
    [InlineData("eu", "••••abcd")]      // no secret there
    [InlineData("", "••••xxxx")]        // not the mask of this one
    public async Task A_mask_of_nothing_is_refused(string dataCentre, string mask)
    {
        await _world.SetClientAsync();

        await RefusedAsync("client_secrets", new() { ClientSecrets = { [dataCentre] = mask } });
    }

    [Fact]
    public async Task An_empty_secret_removes_the_entry()
    {
        await UpdateAsync(new() { ClientSecrets = { ["eu"] = "fakesecret-1", ["us"] = "fakesecret-2" } });
        await UpdateAsync(new() { ClientSecrets = { ["eu"] = "" } });

        Assert.Equal("us", Assert.Single((await GetAsync()).ClientSecrets).Key);
    }

    public static TheoryData<string, UpdateSettingsRequest> Wrong => new()
    {
        { "region", new() { Region = "mars" } },
        { "region", new() { Region = "" } },
        { "client_id", new() { ClientId = "has a space" } },
        { "client_id", new() { ClientId = new string('1', 201) } },
        { "organization_id", new() { OrganizationId = "12a" } },
        { "api_domain", new() { ApiDomain = "https://www.zohoapis.eu.example.com" } },
        { "api_domain", new() { ApiDomain = "http://www.zohoapis.eu" } },
        { "client_secrets", new() { ClientSecrets = { ["mars"] = "fakesecret" } } },
        { "client_secrets", new() { ClientSecrets = { ["eu"] = "fake secret" } } },
        { "client_secrets", new() { ClientSecrets = { ["eu"] = "fakesecret-1", ["EU"] = "fakesecret-2" } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_is_named_and_nothing_is_changed(string field, UpdateSettingsRequest change)
    {
        var before = await GetAsync();

        change.CrmEnabled = true;
        await RefusedAsync(field, change);

        Assert.Equal(before, await GetAsync());
    }

    [Fact]
    public async Task An_unknown_provider_is_refused()
    {
        await RefusedAsync("provider", new() { Provider = "" }, provider: "");
        await TokenWorld.RefusedAsync("invalid_field", async () => await _world.Host.Settings.GetSettingsAsync(new(), _world.Viewer));
    }

    [Fact]
    public async Task Hubspots_client_is_kept_beside_Zohos()
    {
        await UpdateAsync(new() { ClientId = "fake-hubspot-client", ClientSecrets = { [""] = "fakehubspotsecret" } }, "hubspot");

        var settings = await _world.Host.Settings.GetSettingsAsync(new() { Provider = "hubspot" }, _world.Viewer);
        Assert.Equal("fake-hubspot-client", settings.ClientId);
        Assert.Equal("••••cret", settings.ClientSecrets[""]);
        Assert.Equal("", (await GetAsync()).ClientId);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public async Task Only_admins_change_settings(Role role)
    {
        var ticket = _world.Host.TicketOf(_world.Tenant, role);
        await _world.Host.Settings.GetSettingsAsync(new() { Provider = "zoho" }, ticket);

        var refused = await TokenWorld.RefusedAsync("role_missing", async () =>
            await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", Region = "eu" }, ticket));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    [Fact]
    public async Task Another_tenant_sees_and_changes_only_its_own()
    {
        await _world.SetClientAsync();
        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Admin);

        Assert.Equal("", (await _world.Host.Settings.GetSettingsAsync(new() { Provider = "zoho" }, theirs)).ClientId);
        await _world.Host.Settings.UpdateSettingsAsync(new() { Provider = "zoho", ClientId = "1000.FAKEOTHER" }, theirs);
        Assert.Equal(TokenWorld.ClientId, (await GetAsync()).ClientId);
    }

    [Fact]
    public async Task A_change_is_audited_with_before_and_after_and_without_a_secret()
    {
        await UpdateAsync(new() { Region = "eu", ClientSecrets = { ["eu"] = TokenWorld.ClientSecret } });
        await UpdateAsync(new() { Region = "eu" });

        Assert.Equal(1L, await _world.SqlAsync($"SELECT count(*) FROM {TokenWorld.Audit}"));
        Assert.Equal("us eu", await _world.SqlAsync(
            "SELECT concat(details->'region'->>'before', ' ', details->'region'->>'after') "
                + $"FROM {TokenWorld.Audit} WHERE action = 'settings.changed' AND actor = 'key:Admin'"));
        Assert.Equal(
            TokenWorld.Sha256(TokenWorld.ClientSecret)[..8],
            await _world.SqlAsync($"SELECT details->'client_secrets.eu'->>'after' FROM {TokenWorld.Audit}"));
        Assert.DoesNotContain(
            TokenWorld.ClientSecret, (string)(await _world.SqlAsync($"SELECT details::text FROM {TokenWorld.Audit}"))!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mended_settings_are_tried_at_once()
    {
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();
        _world.ExpireTokens();
        _world.Zoho.Refuses("""{"error":"invalid_client_secret"}""");
        await TokenWorld.RefusedAsync("client_secret_refused", () => _world.TokenAsync(connection.Id));
        _world.Zoho.Instead = _ => null;
        await TokenWorld.RefusedAsync("client_secret_refused", () => _world.TokenAsync(connection.Id));

        await UpdateAsync(new() { ClientSecrets = { [""] = "fakesecret-mended" } });
        await _world.TokenAsync(connection.Id);

        Assert.Equal("fakesecret-mended", _world.Zoho.Refreshes[^1].Form["client_secret"]);
    }

    [Fact]
    public async Task A_new_api_domain_reaches_the_next_hand_out()
    {
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();
        Assert.Equal("https://www.zohoapis.com", (await _world.TokenAsync(connection.Id)).ApiDomain);

        await UpdateAsync(new() { ApiDomain = "https://www.zohoapis.eu", OrganizationId = "99" });

        var token = await _world.TokenAsync(connection.Id);
        Assert.Equal("https://www.zohoapis.eu", token.ApiDomain);
        Assert.Equal("99", Assert.Single(token.OrganizationIds));
        Assert.Single(_world.Zoho.Refreshes);
    }

    private async Task<IntegrationSettings> GetAsync() =>
        await _world.Host.Settings.GetSettingsAsync(new() { Provider = "zoho" }, _world.Viewer);

    private async Task<IntegrationSettings> UpdateAsync(UpdateSettingsRequest change, string provider = "zoho")
    {
        change.Provider = provider;
        return await _world.Host.Settings.UpdateSettingsAsync(change, _world.Admin);
    }

    private async Task RefusedAsync(string field, UpdateSettingsRequest change, string provider = "zoho")
    {
        var refused = await TokenWorld.RefusedAsync("invalid_field", () => UpdateAsync(change, provider));
        Assert.Equal(field, refused.Trailers.GetValue(GrpcFailures.FieldTrailer));
    }
}
