using System.Net;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests;

public sealed class ConnectionTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Prefix = "/api/v1/connections";

    private static readonly Connection Stored = new()
    {
        Id = "c1",
        Provider = "zoho",
        Owner = "company",
        State = ConnectionState.Active,
        DataCentre = "eu",
        ApiDomain = "https://www.zohoapis.eu",
        Features = { "campaigns", "hubspot_contacts" },
        Fingerprint = "5f2c9a10",
        BudgetLeft = 4,
        Warnings = { new ConnectionWarning { Code = "budget_half", Message = "Half is used." } },
        FeatureScopes = { new FeatureScopes { Feature = "hubspot_contacts", NeededScopes = { "a", "b" }, MissingScopes = { "b" } } },
    };

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_refresh_token_becomes_a_connection_that_does_not_show_it()
    {
        CreateConnectionRequest? sent = null;
        _gateway.Services.CreateConnection = (request, _) =>
        {
            sent = request;
            return Stored;
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.PostAsync(
            Prefix, new { provider = "zoho", features = new[] { "campaigns", "crm", "crm" }, data_centre = "eu", owner = "ada", refresh_token = "1000.fake" });

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal($"{Prefix}/c1", answer.Header("Location"));
        Assert.DoesNotContain("1000.fake", answer.Text, StringComparison.Ordinal);
        Assert.Equal("""["campaigns","hubspot_contacts"]""", answer.Json.GetProperty("features").GetRawText());
        Assert.Equal(("zoho", "active"), (answer.Json.GetProperty("provider").GetString(), answer.Json.GetProperty("state").GetString()));
        Assert.Equal(
            new CreateConnectionRequest
            {
                Provider = "zoho",
                Features = { "campaigns", "crm", "crm" },
                DataCentre = "eu",
                Owner = "ada",
                RefreshToken = "1000.fake",
            },
            sent);
    }

    [Fact]
    public async Task Which_providers_and_features_there_are_is_left_to_the_token_service()
    {
        CreateConnectionRequest? sent = null;
        _gateway.Services.CreateConnection = (request, _) =>
        {
            sent = request;
            return Stored;
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        await admin.PostAsync(Prefix, new { provider = "hubspot", refresh_token = "fake-refresh" });

        Assert.Equal(
            new CreateConnectionRequest { Provider = "hubspot", RefreshToken = "fake-refresh" }, sent);
    }

    [Fact]
    public async Task Connections_are_listed_read_tried_and_deleted()
    {
        string? deleted = null;
        _gateway.Services.ListConnections = (request, _) => request.Provider == "other"
            ? throw Failure.InvalidField("provider", "provider must be zoho or hubspot.").ToRpcException()
            : new() { Connections = { request.Provider == "zoho" ? [Stored] : [] } };
        _gateway.Services.GetConnection = (id, _) => id == "c1"
            ? Stored
            : throw new Failure(FailureKind.NotFound, "connection_not_found", "There is no such connection.").ToRpcException();
        _gateway.Services.TestConnection = (_, _) => new()
        {
            Ok = false,
            Code = "grant_revoked",
            Message = "Connect again.",
            Findings =
            {
                new ConnectionFinding { Name = "account", Status = FindingStatus.Failed, Code = "grant_revoked", Message = "Connect again." },
                new ConnectionFinding { Name = "data_centre", Status = FindingStatus.Ok, Message = "eu" },
            },
        };
        _gateway.Services.DeleteConnection = (request, _) =>
        {
            deleted = request.EvenIfInUse
                ? request.Id
                : throw new Failure(FailureKind.Precondition, "connection_in_use", "Without it campaigns stops.").ToRpcException();
            return new();
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        Assert.Equal("c1", (await admin.GetAsync($"{Prefix}?provider=zoho")).Json.GetProperty("connections")[0].GetProperty("id").GetString());
        Assert.Equal(0, (await admin.GetAsync($"{Prefix}?provider=hubspot")).Json.GetProperty("connections").GetArrayLength());
        (await admin.GetAsync($"{Prefix}?provider=other")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "provider");
        var one = await admin.GetAsync($"{Prefix}/c1");
        Assert.Equal((HttpStatusCode.OK, 4), (one.Status, one.Json.GetProperty("budget_left").GetInt32()));
        Assert.Equal("""[{"code":"budget_half","message":"Half is used."}]""", one.Json.GetProperty("warnings").GetRawText());
        Assert.Equal(
            """[{"feature":"hubspot_contacts","needed_scopes":["a","b"],"missing_scopes":["b"]}]""",
            one.Json.GetProperty("feature_scopes").GetRawText());
        (await admin.GetAsync($"{Prefix}/c2")).AssertProblem(HttpStatusCode.NotFound, "connection_not_found");
        Assert.Equal(
            """{"ok":false,"code":"grant_revoked","message":"Connect again.","findings":"""
                + """[{"name":"account","status":"failed","code":"grant_revoked","message":"Connect again."},"""
                + """{"name":"data_centre","status":"ok","message":"eu"}]}""",
            (await admin.PostAsync($"{Prefix}/c1/test")).Text);
        (await admin.DeleteAsync($"{Prefix}/c1")).AssertProblem(HttpStatusCode.Conflict, "connection_in_use");
        (await admin.DeleteAsync($"{Prefix}/c1?even_if_in_use=perhaps")).AssertProblem(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Null(deleted);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{Prefix}/c1?even_if_in_use=true")).Status);
        Assert.Equal("c1", deleted);
    }
}
