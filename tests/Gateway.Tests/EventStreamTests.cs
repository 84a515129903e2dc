using System.Net;
using System.Runtime.CompilerServices;
using Npgsql;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.Testing;
using SyncContact = ZohoPlatform.Contracts.Campaigns.V1.SyncContact;
using SyncContactOutcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>How many streams of events one caller may have, and for how long.</summary>
public sealed class EventStreamTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Keys = "/api/v1/admin/keys";
    private const string OfConnections = "/api/v1/connections/events";
    private const string OfSync = "/api/v1/campaigns/syncs/s1/events";
    private const string Download = "/api/v1/campaigns/syncs/s1/contacts.csv";

    private readonly GatewayHost _gateway = shared.Host;

    [Theory]
    [InlineData(OfConnections)]
    [InlineData(OfSync)]
    [InlineData(Download)]
    public async Task Open_streams_are_bounded_per_key_per_owner_and_per_tenant_and_none_keeps_others_out(string path)
    {
        SayNothing();
        await using var gateway = _gateway.Replica(
            ("RateLimits:StreamsPerKey", "2"), ("RateLimits:StreamsPerOwner", "3"), ("RateLimits:StreamsPerTenant", "5"));
        using var admin = await gateway.CreateClientOfNewTenantAsync();
        using var first = await ClientAsync(gateway, admin, "ada");
        using var second = await ClientAsync(gateway, admin, "ada");
        using var third = await ClientAsync(gateway, admin, owner: null);
        using var fourth = await ClientAsync(gateway, admin, "grace");
        using var stranger = await gateway.CreateClientOfNewTenantAsync("viewer");
        var open = new List<HttpResponseMessage>();
        try
        {
            open.Add(await OpenAsync(first, path));
            open.Add(await OpenAsync(first, path));
            await AssertFullAsync(first, path);
            open.Add(await OpenAsync(second, path));
            await AssertFullAsync(second, path);
            open.Add(await OpenAsync(third, path));
            open.Add(await OpenAsync(third, path));
            await AssertFullAsync(fourth, path);
            open.Add(await OpenAsync(stranger, path));

            // requests are not streams
            Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/api/v1/whoami")).Status);

            open[0].Dispose();
            open[0] = await Eventually.GetAsync(() => TryOpenAsync(first, path), answer => answer.IsSuccessStatusCode);
        }
        finally
        {
            open.ForEach(answer => answer.Dispose());
        }
    }

    [Theory]
    [InlineData(OfConnections)]
    [InlineData(OfSync)]
    [InlineData(Download)]
    public async Task A_stream_ends_when_its_key_is_deleted(string path)
    {
        SayNothing();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var key = (await admin.PostAsync(Keys, new { name = "reader", role = "viewer" })).Json;
        using var reader = _gateway.CreateClient(key.GetProperty("key").GetString());
        using var answer = await OpenAsync(reader, path);

        await admin.DeleteAsync($"{Keys}/{key.GetProperty("id").GetString()}");

        await AssertEndsAsync(answer);
        (await reader.GetAsync(path)).AssertProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }

    [Theory]
    [InlineData(OfConnections)]
    [InlineData(OfSync)]
    [InlineData(Download)]
    public async Task A_stream_ends_when_its_key_expires(string path)
    {
        SayNothing();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var key = await admin.PostAsync(Keys, new { name = "reader", role = "viewer", expires_at = _gateway.Clock.GetUtcNow().AddMinutes(1) });
        using var reader = _gateway.CreateClient(key.Json.GetProperty("key").GetString());
        using var answer = await OpenAsync(reader, path);

        _gateway.Clock.Skip(TimeSpan.FromMinutes(1));

        await AssertEndsAsync(answer);
    }

    [Fact]
    public async Task Streams_on_which_nothing_happens_cost_next_to_nothing_and_end_with_a_key_that_was_deleted_elsewhere()
    {
        SayNothing();
        await using var gateway = _gateway.Replica();
        using var admin = await gateway.CreateClientOfNewTenantAsync();
        var open = new List<HttpResponseMessage>();
        var clients = new List<RestClient>();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                clients.Add(await ClientAsync(gateway, admin, owner: null));
                open.Add(await OpenAsync(clients[i], OfConnections));
                open.Add(await OpenAsync(clients[i], OfConnections));
            }

            using var use = new DatabaseUse(new NpgsqlConnectionStringBuilder(gateway.Database).Database!);
            await DeleteElsewhereAsync(gateway, clients[7]);
            gateway.Clock.Skip(TimeSpan.FromSeconds(10));
            await AssertEndsAsync(open[14]);
            await AssertEndsAsync(open[15]);

            // two looks tell of all keys; the gateway's workers have their own
            Assert.InRange(use.Commands, 1, 20);
            Assert.Equal(HttpStatusCode.OK, (await clients[6].GetAsync("/api/v1/whoami")).Status);
        }
        finally
        {
            open.ForEach(answer => answer.Dispose());
            clients.ForEach(client => client.Dispose());
        }
    }

    // as another replica does
    private static async Task DeleteElsewhereAsync(GatewayHost gateway, RestClient client)
    {
        var id = client.Http.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1];
        await using var connection = new NpgsqlConnection(gateway.Database);
        await connection.OpenAsync();
        foreach (var sql in (string[])["DELETE FROM api_keys WHERE id = $1", "DELETE FROM api_key_directory WHERE key_id = $1"])
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = id } } };
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<RestClient> ClientAsync(GatewayHost gateway, RestClient admin, string? owner) =>
        gateway.CreateClient((await admin.PostAsync(Keys, new { name = "reader", role = "viewer", owner })).Json.GetProperty("key").GetString());

    private static Task<HttpResponseMessage> TryOpenAsync(RestClient client, string path) =>
        client.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Limit);

    private static async Task<HttpResponseMessage> OpenAsync(RestClient client, string path)
    {
        var answer = await TryOpenAsync(client, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    private static async Task AssertFullAsync(RestClient client, string path)
    {
        var refused = await client.GetAsync(path).WaitAsync(Eventually.Limit);
        refused.AssertProblem(HttpStatusCode.TooManyRequests, "too_many_streams");
        Assert.Equal("5", refused.Header("Retry-After"));
    }

    private static async Task AssertEndsAsync(HttpResponseMessage answer)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var body = await answer.Content.ReadAsStreamAsync(limit.Token);
        try
        {
            await body.CopyToAsync(Stream.Null, limit.Token);
        }
        catch (IOException)
        {
            // a job's is broken off: an end would say that the job has ended
        }
    }

    private static async IAsyncEnumerable<HealthChange> NothingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new HealthChange();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    private void SayNothing()
    {
        _gateway.Services.WatchHealth = (_, cancellationToken) => NothingAsync(cancellationToken);
        _gateway.Services.Campaigns.WatchSync = async (_, events, context) =>
        {
            await events.WriteAsync(new() { Number = 1, Sync = Campaigns.SyncTests.Whole });
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        };
        // as many as are read
        _gateway.Services.Campaigns.ExportSyncContacts = _ => Enumerable.Range(1, int.MaxValue).Select(position => new SyncContact
        {
            Position = position,
            Email = "ada@example.com",
            Outcome = SyncContactOutcome.Added,
        });
    }
}
