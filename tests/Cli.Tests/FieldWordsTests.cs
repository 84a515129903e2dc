using ZohoPlatform.Cli.Tests.Hosting;

namespace ZohoPlatform.Cli.Tests;

/// <summary>What the gateway refuses by the names of its fields, a person reads as the options of the command.</summary>
public sealed class FieldWordsTests : IAsyncLifetime
{
    private PlayedGateway _gateway = null!;
    private Zoho _zoho = null!;

    public async Task InitializeAsync()
    {
        _gateway = await PlayedGateway.StartAsync();
        _zoho = new Zoho(_gateway.Url);
        _zoho.Write("users.csv", "email\nuser1@example.com\n");
        _zoho.Write("secret", "fake-client-secret");
        _gateway.On("POST /api/v1/campaigns/sync-sources", Played.Source, 201);
    }

    public async Task DisposeAsync()
    {
        _zoho.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(
        "connect zoho", "GET /api/v1/crm/zoho/oauth", "client_not_configured", null,
        "Set client_id and client_secret of the Zoho client in the integration settings first.",
        "zoho settings set zoho --client-id ID --client-secret-file FILE --region CODE")]
    [InlineData(
        "connect hubspot", "GET /api/v1/crm/hubspot/oauth", "client_not_configured", null,
        "Set client_id and client_secret of the HubSpot client in the integration settings first.",
        "zoho settings set hubspot --client-id ID --client-secret-file FILE")]
    [InlineData(
        "connect zoho", "GET /api/v1/crm/zoho/oauth", "invalid_field", "data_centre",
        "data_centre must be one of us, eu.", "--data-centre CODE must be one of us, eu.")]
    [InlineData(
        "connect zoho", "GET /api/v1/crm/zoho/oauth", "invalid_field", "features",
        "features of Zoho are campaigns, crm.", "--features LIST of Zoho are campaigns, crm.")]
    [InlineData("audit", "GET /api/v1/audit", "invalid_field", "trace_id", "trace_id must be 32 digits.", "--trace TRACE must be 32 digits.")]
    [InlineData("audit list", "GET /api/v1/audit", "invalid_field", "from", "from must be a time.", "--from TIME must be a time.")]
    [InlineData("audit export", "GET /api/v1/audit/export", "invalid_field", "to", "to must be a time.", "--to TIME must be a time.")]
    [InlineData("audit follow", "GET /api/v1/audit/feed", "invalid_field", "action", "action must be one of x.", "--action ACTION must be one of x.")]
    [InlineData(
        "keys rotate-secret k1 --save new", "POST /api/v1/admin/keys/k1/rotate-secret", "invalid_field", "overlap_seconds",
        "overlap_seconds must be 0 to 5.", "--overlap SECONDS must be 0 to 5.")]
    [InlineData(
        "webhooks rotate-secret w1 --save new", "POST /api/v1/webhooks/w1/rotate-secret", "invalid_field", "overlap_seconds",
        "overlap_seconds must be 0 to 5.", "--overlap SECONDS must be 0 to 5.")]
    [InlineData(
        "settings set hubspot --client-secret-file secret", "POST /api/settings/integrations/hubspot", "invalid_field", "client_id",
        "client_id must have no spaces.", "--client-id ID must have no spaces.")]
    [InlineData(
        "campaigns contacts add a@example.com", "POST /api/v1/campaigns/contacts", "invalid_field", "first_name",
        "first_name is too long: at most 100 characters.", "--first-name TEXT is too long", 2)]
    [InlineData(
        "campaigns contacts add a@example.com", "POST /api/v1/campaigns/contacts", "invalid_field", "phone",
        "phone is too long: at most 100 characters.", "--phone TEXT is too long", 2)]
    [InlineData(
        "campaigns lists create News --email a@example.com", "POST /api/v1/campaigns/lists", "invalid_field", "emails",
        "emails must be 1 to 10.", "--email ADDRESS must be 1 to 10.")]
    [InlineData(
        "campaigns sync --csv users.csv", "POST /api/v1/campaigns/syncs", "invalid_field", "mapping",
        "No column of the source looks like a mail address: map the one that is to Contact Email.",
        "say which is it with --map \"COLUMN=Contact Email\".")]
    [InlineData(
        "campaigns sync --csv users.csv --list 3z1", "POST /api/v1/campaigns/syncs", "list_not_found", "list_key",
        "List key not found: copy the key of the mailing list from Zoho Campaigns (the list, Setup, List key) into the settings.",
        "Error: --list KEY is no list of the account: zoho campaigns lists shows their keys. (list_not_found)")]
    [InlineData(
        "campaigns sync --csv users.csv", "POST /api/v1/campaigns/syncs", "list_not_found", null,
        "List key not found: copy the key of the mailing list from Zoho Campaigns (the list, Setup, List key) into the settings.",
        "zoho settings set zoho --list KEY, with one that zoho campaigns lists shows. Or name one for this sync: --list KEY")]
    public async Task A_refusal_is_told_in_options(string line, string call, string code, string? field, string detail, string said, int exit = 3)
    {
        _gateway.On(call, http => PlayedGateway.ProblemAsync(http, 400, code, detail, field));

        var ran = (await _zoho.RunAsync(line.Split(' '))).AssertExit(exit);

        Assert.Contains(said, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?m)^  [a-z_]+: ", ran.Error);
    }
}
