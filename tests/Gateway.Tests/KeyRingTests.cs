using System.Net;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

public sealed class KeyRingTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Ring = "/api/v1/key-ring";

    private const string Json =
        """{"data_key_id":"new","master_key_id":"m1","sealed_values":5,"on_older_keys":3,"keys":[{"id":"new","sealed_values":2},{"id":"old","sealed_values":3}]}""";

    private static readonly KeyRingStatus Status = new()
    {
        DataKeyId = "new",
        MasterKeyId = "m1",
        SealedValues = 5,
        OnOlderKeys = 3,
        Keys = { new DataKey { Id = "new", SealedValues = 2 }, new DataKey { Id = "old", SealedValues = 3 } },
    };

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task The_platform_key_sees_the_ring_and_rotates_it()
    {
        var callers = new List<Caller>();
        _gateway.Services.GetKeyRing = _gateway.Services.StartRotation = caller =>
        {
            callers.Add(caller);
            return Status;
        };
        using var platform = _gateway.CreateClient();

        var seen = await platform.GetAsync(Ring);
        var started = await platform.PostAsync($"{Ring}/rotations");

        Assert.Equal((HttpStatusCode.OK, Json), (seen.Status, seen.Text));
        Assert.Equal((HttpStatusCode.Accepted, Json, Ring), (started.Status, started.Text, started.Header("Location")));
        // the ring is every tenant's, so the call stands for none
        Assert.All(callers, caller => Assert.Equal((TenantId.None, Role.Service), (caller.Tenant, caller.Role)));
        Assert.Equal(3, callers.Count);
        var entries = (await platform.GetAsync("/api/v1/audit?service=gateway&action=key_ring.rotated")).Text;
        Assert.Contains(
            "\"actor\":\"key:bootstrap\",\"from_address\":\"127.0.0.1\",\"action\":\"key_ring.rotated\",\"subject\":\"key-ring\","
                + "\"details\":{\"data_key_id\":{\"before\":\"new\",\"after\":\"new\"}}",
            entries, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenants_key_sees_nothing_of_it()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        using var anyone = _gateway.CreateClient(key: null);

        (await admin.GetAsync(Ring)).AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
        (await admin.PostAsync($"{Ring}/rotations")).AssertProblem(HttpStatusCode.Forbidden, "platform_key_needed");
        (await anyone.GetAsync(Ring)).AssertProblem(HttpStatusCode.Unauthorized, "key_missing");
        (await anyone.PostAsync($"{Ring}/rotations")).AssertProblem(HttpStatusCode.Unauthorized, "key_missing");
    }

    [Fact]
    public async Task A_rotation_that_still_runs_is_a_conflict()
    {
        _gateway.Services.StartRotation = _ => throw new Failure(
            FailureKind.Precondition, "rotation_running", "Values are left on an older key.").ToRpcException();
        using var platform = _gateway.CreateClient();

        (await platform.PostAsync($"{Ring}/rotations")).AssertProblem(HttpStatusCode.Conflict, "rotation_running");
    }
}
