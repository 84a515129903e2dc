using System.Net;
using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

public sealed class KeyRingTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Ring = "/api/v1/key-ring";
    private const string Rotations = $"{Ring}/rotations";
    private const string Audit = "/api/v1/audit?service=gateway&page_size=5&action=key_ring";

    private static readonly string[] Services = ["campaigns", "gateway", "messaging", "tokens", "webhooks"];

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task The_platform_key_sees_every_services_ring_and_rotates_each()
    {
        var callers = new List<Caller>();
        _gateway.Services.GetKeyRing = (service, caller) =>
        {
            lock (callers)
            {
                callers.Add(caller);
            }

            return StatusOf(service);
        };
        _gateway.Services.StartRotation = (service, caller) =>
        {
            lock (callers)
            {
                callers.Add(caller);
            }

            return Task.FromResult(StartedOf(service));
        };
        using var platform = _gateway.CreateClient();

        var seen = await platform.GetAsync(Ring);
        var started = await platform.PostAsync(Rotations);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Accepted, Ring), (seen.Status, started.Status, started.Header("Location")));
        Assert.Equal(Services, NamesOf(seen));
        Assert.Equal(
            """
            {"service":"tokens","data_key_id":"tokens-new","master_key_id":"m1","sealed_values":5,"on_older_keys":3,"keys":[{"id":"tokens-new","sealed_values":2},{"id":"tokens-old","sealed_values":3}]}
            """,
            OneOf(seen, "tokens").GetRawText());
        Assert.Equal(Services, NamesOf(started));
        Assert.Equal(
            """{"service":"webhooks","state":"started","data_key_id":"webhooks-new","previous_data_key_id":"webhooks-old","on_older_keys":5}""",
            OneOf(started, "webhooks").GetRawText());
        // the rings are every tenant's, so the calls stand for none, and a rotation is one call
        Assert.All(callers, caller => Assert.Equal((TenantId.None, Role.Service), (caller.Tenant, caller.Role)));
        Assert.Equal(8, callers.Count);
        // the gateway's own is a real one
        Assert.Equal(
            OneOf(seen, "gateway").GetProperty("data_key_id").GetString(),
            OneOf(started, "gateway").GetProperty("previous_data_key_id").GetString());
        Assert.Equal(
            OneOf(started, "gateway").GetProperty("data_key_id").GetString(),
            OneOf(await platform.GetAsync(Ring), "gateway").GetProperty("data_key_id").GetString());
    }

    [Fact]
    public async Task Each_ring_has_its_entry_and_who_asked_has_one_before_any_is_asked()
    {
        using var platform = _gateway.CreateClient();
        string? before = null;
        _gateway.Services.StartRotation = async (service, _) =>
        {
            if (service == "tokens")
            {
                before = (await platform.GetAsync($"{Audit}.rotation_requested")).Text;
            }

            return StartedOf(service);
        };

        await platform.PostAsync($"{Rotations}?service=tokens");

        Assert.Matches(
            "\"actor\":\"key:bootstrap\",\"from_address\":\"127.0.0.1\",\"trace_id\":\"[0-9a-f]{32}\",\"action\":\"key_ring.rotation_requested\","
                + "\"subject\":\"key-ring\",\"details\":{\"services\":\\[\"tokens\"\\]}",
            before);
        Assert.Contains(
            "\"action\":\"key_ring.rotated\",\"subject\":\"key-ring:tokens\","
                + "\"details\":{\"data_key_id\":{\"before\":\"tokens-old\",\"after\":\"tokens-new\"}}",
            (await platform.GetAsync($"{Audit}.rotated")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ring_that_is_not_rotated_is_named_with_its_code_beside_those_that_are()
    {
        _gateway.Services.StartRotation = (service, _) => service switch
        {
            "tokens" => throw RunningNow(),
            "campaigns" => throw Away(),
            _ => Task.FromResult(StartedOf(service)),
        };
        using var platform = _gateway.CreateClient();

        var answer = await platform.PostAsync(Rotations);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            ["campaigns missing service_unavailable", "gateway started ", "messaging started ", "tokens refused rotation_running", "webhooks started "],
            RingsOf(answer).Select(ring => $"{ring.GetProperty("service")} {ring.GetProperty("state")} "
                + (ring.TryGetProperty("failure", out var failure) ? failure.GetProperty("code").GetString() : "")));
        Assert.False(OneOf(answer, "tokens").TryGetProperty("data_key_id", out _));
    }

    [Fact]
    public async Task Where_no_ring_is_rotated_it_is_no_success()
    {
        _gateway.Services.StartRotation = (service, _) => throw (service == "tokens" ? RunningNow() : Away());
        using var platform = _gateway.CreateClient();

        (await platform.PostAsync($"{Rotations}?service=tokens")).AssertProblem(HttpStatusCode.Conflict, "rotation_running");
        var away = await platform.PostAsync($"{Rotations}?service=campaigns");
        away.AssertProblem(HttpStatusCode.ServiceUnavailable, "rotation_not_started");
        Assert.Contains("campaigns: service_unavailable", away.Text, StringComparison.Ordinal);
        (await platform.PostAsync($"{Rotations}?service=books")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "service");
    }

    [Fact]
    public async Task A_service_that_is_away_is_named_and_one_that_seals_nothing_is_not()
    {
        _gateway.Services.GetKeyRing = (service, _) => service switch
        {
            "campaigns" => throw Away(),
            "tokens" => throw new RpcException(new Status(StatusCode.Internal, "a bug")),
            _ => throw ScriptedServices.NotSaid(),
        };
        using var platform = _gateway.CreateClient();

        var answer = await platform.GetAsync(Ring);

        Assert.Equal(["campaigns", "gateway", "tokens"], NamesOf(answer));
        Assert.Equal("service_unavailable", OneOf(answer, "campaigns").GetProperty("failure").GetProperty("code").GetString());
        Assert.Equal("service_failed", OneOf(answer, "tokens").GetProperty("failure").GetProperty("code").GetString());
        Assert.False(OneOf(answer, "campaigns").TryGetProperty("sealed_values", out _));
    }

    [Fact]
    public async Task A_tenants_key_sees_nothing_of_it()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        using var anyone = _gateway.CreateClient(key: null);

        (await admin.GetAsync(Ring)).AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
        (await admin.PostAsync(Rotations)).AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
        (await anyone.GetAsync(Ring)).AssertProblem(HttpStatusCode.Unauthorized, "key_missing");
        (await anyone.PostAsync(Rotations)).AssertProblem(HttpStatusCode.Unauthorized, "key_missing");
    }

    private static KeyRingStatus StatusOf(string service) => new()
    {
        DataKeyId = $"{service}-new",
        MasterKeyId = "m1",
        SealedValues = 5,
        OnOlderKeys = 3,
        Keys = { new DataKey { Id = $"{service}-new", SealedValues = 2 }, new DataKey { Id = $"{service}-old", SealedValues = 3 } },
    };

    private static StartRotationResponse StartedOf(string service) => new()
    {
        Status = new() { DataKeyId = $"{service}-new", MasterKeyId = "m1", SealedValues = 5, OnOlderKeys = 5 },
        PreviousDataKeyId = $"{service}-old",
    };

    private static RpcException RunningNow() =>
        new Failure(FailureKind.Precondition, "rotation_running", "Values are left on an older key.").ToRpcException();

    private static RpcException Away() => new(new Status(StatusCode.Unavailable, "away"));

    private static JsonElement.ArrayEnumerator RingsOf(Answer answer) => answer.Json.GetProperty("rings").EnumerateArray();

    private static IEnumerable<string?> NamesOf(Answer answer) => RingsOf(answer).Select(ring => ring.GetProperty("service").GetString());

    private static JsonElement OneOf(Answer answer, string service) =>
        RingsOf(answer).Single(ring => ring.GetProperty("service").GetString() == service);
}
