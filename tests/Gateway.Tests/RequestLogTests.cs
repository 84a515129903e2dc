using System.Text.RegularExpressions;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Door;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;
using Health = Grpc.Health.V1.Health;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>Each request is one line of the log, by REST and by gRPC, and says nothing that was sent.</summary>
public sealed partial class RequestLogTests(DoorHost shared) : IClassFixture<DoorHost>
{
    private const string Personal = "ada@example.com";

    private readonly GatewayHost _gateway = shared.Gateway;

    [Fact]
    public async Task A_request_is_one_line_with_its_route_and_who_asked()
    {
        var (tenant, key) = await _gateway.CreateTenantAsync();
        using var client = _gateway.CreateClient(key);
        using var anybody = _gateway.CreateClient(key: null);
        var caller = $"tenant {tenant}, caller key:{key.Split('_')[1]}";
        _gateway.Services.ListConnections = (_, _) => new ListConnectionsResponse();
        _gateway.Services.GetRegistration = (_, _) => throw new Failure(FailureKind.NotFound, "contact_not_found", "There is none.").ToRpcException();

        await client.GetAsync("/api/v1/connections?provider=zoho");
        await client.GetAsync($"/api/v1/campaigns/contacts/{Personal}");
        await client.GetAsync($"/api/v1/connections?{Personal}={Personal}");
        await client.PostTextAsync("/api/v1/campaigns/contacts", $"{{\"email\":\"{Personal}\"");
        await anybody.GetAsync("/api/v1/connections");
        await client.GetAsync($"/{Personal}?email={Personal}");

        await AssertLinesAsync(
            [
                $"GET /api/v1/connections 200 in ? ms, {caller}",
                // refused by a service, by the parameters' check and by the body's reader: what handles the exception knows no route any more
                $"GET /api/v1/campaigns/contacts/{{id}} 404 in ? ms, {caller}",
                $"GET /api/v1/connections 400 in ? ms, {caller}",
                $"POST /api/v1/campaigns/contacts 400 in ? ms, {caller}",
                "GET /api/v1/connections 401 in ? ms, tenant -, caller -",
                $"GET (no such address) 404 in ? ms, {caller}",
            ],
            line => line.Contains(caller, StringComparison.Ordinal) || line.Contains(" 401 in ", StringComparison.Ordinal));
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains(Personal, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_call_by_grpc_is_one_with_grpcs_status()
    {
        var (tenant, key) = await _gateway.CreateTenantAsync();
        var caller = $"tenant {tenant}, caller key:{key.Split('_')[1]}";
        _gateway.Services.GetConnection = (id, _) => id == "7"
            ? new Connection { Id = id }
            : throw new Failure(FailureKind.NotFound, "connection_not_found", "There is none.").ToRpcException();

        await shared.ConnectionsClient.GetConnectionAsync(new() { Id = "7" }, DoorHost.With(key));
        await Assert.ThrowsAsync<RpcException>(async () => await shared.ConnectionsClient.GetConnectionAsync(new() { Id = Personal }, DoorHost.With(key)));
        await Assert.ThrowsAsync<RpcException>(async () => await shared.ConnectionsClient.GetConnectionAsync(new() { Id = "7" }));

        const string Method = "gRPC /zohoplatform.tokens.v1.Connections/GetConnection";
        await AssertLinesAsync(
            [
                $"{Method} OK in ? ms, {caller}", $"{Method} NotFound in ? ms, {caller}", $"{Method} Unauthenticated in ? ms, tenant -, caller -",
            ],
            line => line.StartsWith(Method, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Looks_at_health_are_none()
    {
        using var client = _gateway.CreateClient();
        await client.GetAsync("/health");
        await client.GetAsync("/alive");
        await new Health.HealthClient(shared.Channel()).CheckAsync(new());
        await client.GetAsync("/api/v1/whoami");

        await Eventually.GetAsync(() => Task.FromResult(Lines().ToList()), lines => lines.Exists(line => line.Contains("/api/v1/whoami", StringComparison.Ordinal)));
        Assert.DoesNotContain(Lines(), line => line.Contains("/health", StringComparison.Ordinal) || line.Contains("/alive", StringComparison.Ordinal)
            || line.Contains("grpc.health", StringComparison.Ordinal));
    }

    // a line is written once the answer is out, and the next request may be there before it
    private async Task AssertLinesAsync(string[] expected, Func<string, bool> isOne)
    {
        var lines = await Eventually.GetAsync(() => Task.FromResult(Lines().Where(isOne).ToList()), lines => lines.Count >= expected.Length);
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
    }

    private IEnumerable<string> Lines() => _gateway.Logs.Lines
        .Where(line => line.Contains(".RequestLog: ", StringComparison.Ordinal))
        .Select(line => Milliseconds().Replace(line.Split(".RequestLog: ", 2)[1].Trim(), "in ? ms"));

    [GeneratedRegex("in [0-9]+ ms", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Milliseconds();
}
