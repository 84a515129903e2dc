using Grpc.Core;
using Npgsql;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What happens to registrations while Zoho, the way to it, or the service itself is away.</summary>
public sealed class OutageTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_registration_retries_while_zoho_is_down_and_is_subscribed_once_it_is_back()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.BeAsync("unavailable");

        var retrying = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Retrying);
        Assert.Equal("zoho_unavailable", retrying.Code);
        Assert.NotEmpty(retrying.Message);
        Assert.True(retrying.NextAttemptAt.ToDateTimeOffset() > retrying.UpdatedAt.ToDateTimeOffset());
        Assert.Equal(1, retrying.Attempts);

        await zoho.BeAsync("up");
        var subscribed = await tenant.EventuallyAsync(retrying, RegistrationStatus.Subscribed);
        Assert.True(subscribed.Attempts > 1);
        Assert.Single(await zoho.ContactsAsync());
    }

    [Fact]
    public async Task What_waited_when_every_replica_stopped_is_pushed_by_the_next_one_to_start()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.BeAsync("unavailable");
        var retrying = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Retrying);
        var fresh = await tenant.SubmitAsync("grace@example.com");

        await _campaigns.StopAllAsync();
        await zoho.BeAsync("up");
        await _campaigns.AddReplicaAsync();

        await tenant.EventuallyAsync(retrying, RegistrationStatus.Subscribed);
        await tenant.EventuallyAsync(fresh, RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task A_push_that_is_under_way_when_the_replica_stops_goes_on_with_the_next_one_at_once()
    {
        var tenant = await _campaigns.TenantAsync();
        var hang = await zoho.DisturbAsync("hang", times: 1);
        var submitted = await tenant.SubmitAsync("ada@example.com");
        await zoho.MetAsync(hang, 1);

        await _campaigns.StopAllAsync();
        await _campaigns.AddReplicaAsync();

        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task A_push_whose_answers_were_lost_ends_as_subscribed_although_zoho_says_that_it_holds_the_contact()
    {
        await zoho.SetAsync(new { ExistingContactRefused = true });
        var tenant = await _campaigns.TenantAsync();
        // the client repeats a call once by itself
        await zoho.DisturbAsync("answer_lost", times: 2);

        var submitted = await tenant.SubmitAsync("ada@example.com");
        await tenant.EventuallyAsync(submitted, RegistrationStatus.Retrying);

        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed);
        Assert.Single(await zoho.ContactsAsync());
    }

    [Fact]
    public async Task While_zoho_is_down_every_registration_of_the_tenant_says_so_and_only_one_at_a_time_tries()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.BeAsync("unavailable");
        await tenant.EventuallyAsync(await tenant.SubmitAsync("first@example.com"), RegistrationStatus.Retrying);

        var others = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => tenant.SubmitAsync($"user{i}@example.com")));

        Assert.All(others, other => Assert.Equal((RegistrationStatus.Retrying, "zoho_unavailable"), (other.Status, other.Code)));
        Assert.Equal(51, (await tenant.ListAsync(RegistrationStatus.Retrying, pageSize: 200)).Registrations.Count);
        Assert.Empty((await tenant.ListAsync(RegistrationStatus.Pending)).Registrations);
        // three rounds of the backoff at most, each of one contact, each call repeated once by the client
        Assert.InRange(await zoho.PushesAsync(), 1, 8);

        await zoho.BeAsync("up");
        await Eventually.GetAsync(zoho.CountAsync, count => count == 51);
    }

    [Fact]
    public async Task A_tenant_whose_zoho_does_not_answer_does_not_keep_another_one_waiting()
    {
        var stuck = await _campaigns.TenantAsync(dataCentre: "eu");
        var healthy = await _campaigns.TenantAsync(dataCentre: "us");
        var hang = await zoho.DisturbAsync("hang", host: "campaigns.zoho.eu");
        for (var i = 0; i < 30; i++)
        {
            await stuck.SubmitAsync($"user{i}@example.com");
        }

        await zoho.MetAsync(hang, 1);
        await healthy.EventuallyAsync(await healthy.SubmitAsync("ada@example.com"), RegistrationStatus.Subscribed);

        Assert.Empty(await zoho.ContactsAsync("eu"));
    }

    [Fact]
    public async Task Submitting_waits_neither_for_zoho_nor_for_the_token_service()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.BeAsync("silent");
        await _campaigns.Tokens.DisposeAsync();

        var submitted = await tenant.SubmitAsync("ada@example.com").WaitAsync(TimeSpan.FromSeconds(5));
        var retrying = await tenant.EventuallyAsync(submitted, RegistrationStatus.Retrying);

        Assert.Equal(("service_unavailable", 0), (retrying.Code, retrying.Attempts));
    }

    [Fact]
    public async Task A_token_service_that_gives_no_token_for_a_while_is_waited_for_as_long_as_it_asks()
    {
        var tenant = await _campaigns.TenantAsync();
        _campaigns.Tokens.Refusal = new Failure(FailureKind.RateLimited, "refresh_budget_spent", "Zoho gives no more tokens for a while.")
        {
            RetryAfter = TimeSpan.FromMinutes(7),
        };

        var retrying = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Retrying);

        Assert.Equal("refresh_budget_spent", retrying.Code);
        var wait = retrying.NextAttemptAt.ToDateTimeOffset() - retrying.UpdatedAt.ToDateTimeOffset();
        Assert.InRange(wait, TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(8));
    }

    [Fact]
    public async Task A_locked_method_is_waited_out_and_not_called_again()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.LimitAsync("listsubscribe", calls: 0, seconds: 60);

        var retrying = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Retrying);
        Assert.Equal("quota_locked", retrying.Code);
        var wait = retrying.NextAttemptAt.ToDateTimeOffset() - retrying.UpdatedAt.ToDateTimeOffset();
        Assert.InRange(wait, TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(37));

        var calls = await zoho.PushesAsync();
        var next = await tenant.SubmitAsync("grace@example.com");
        Assert.Equal((RegistrationStatus.Retrying, "quota_locked"), (next.Status, next.Code));
        Assert.Equal(calls, await zoho.PushesAsync());
    }

    [Fact]
    public async Task A_contact_that_zoho_cannot_take_just_now_keeps_nobody_else_waiting()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.DisturbAsync(
            "status", times: 1, status: 200,
            body: """{"message":"Subscription error.","status":"error","code":"2001","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}""");

        var unlucky = await tenant.EventuallyAsync(await tenant.SubmitAsync("unlucky@example.com"), RegistrationStatus.Retrying);
        Assert.Equal("zoho_busy", unlucky.Code);
        var other = await tenant.SubmitAsync("ada@example.com");
        Assert.Equal(RegistrationStatus.Pending, other.Status);

        await tenant.EventuallyAsync(other, RegistrationStatus.Subscribed);
        await tenant.EventuallyAsync(unlucky, RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task A_full_plan_is_tried_again_slowly()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.DisturbAsync(
            "status", status: 200,
            body: """{"message":"Contact limit reached.","status":"error","code":"914","uri":"/api/v1.1/json/listsubscribe","version":"1.1"}""");

        var retrying = await tenant.EventuallyAsync(await tenant.SubmitAsync("ada@example.com"), RegistrationStatus.Retrying);

        Assert.Equal("zoho_plan_limit", retrying.Code);
        var wait = retrying.NextAttemptAt.ToDateTimeOffset() - retrying.UpdatedAt.ToDateTimeOffset();
        Assert.InRange(wait, Backoff.Longest * 0.8, Backoff.Longest * 1.2);
    }

    [Fact]
    public async Task An_answer_of_zoho_that_comes_while_the_database_is_away_is_written_down_once_it_is_back()
    {
        var tenant = await _campaigns.TenantAsync();
        var hang = await zoho.DisturbAsync("hang", times: 1);
        var underWay = await tenant.SubmitAsync("ada@example.com");
        await zoho.MetAsync(hang, 1);

        var own = new NpgsqlConnectionStringBuilder(_campaigns.Database);
        var elsewhere = new NpgsqlConnectionStringBuilder(_campaigns.Database) { Database = "postgres" };
        await using var admin = NpgsqlDataSource.Create(elsewhere);
        await AllowConnectionsAsync(admin, own.Database!, allowed: false);
        await using var cut = admin.CreateCommand(
            $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{own.Database}'");
        Assert.NotEqual(0L, await cut.ExecuteScalarAsync());

        // Zoho's answer comes while nothing can be written down
        await zoho.ReleaseAsync(hang);
        await Eventually.GetAsync(
            () => Task.FromResult(_campaigns.Host.Log.Lines.Any(line => line.Contains("its outcome cannot be written yet", StringComparison.Ordinal))),
            written => written);
        await AllowConnectionsAsync(admin, own.Database!, allowed: true);

        await tenant.EventuallyAsync(underWay, RegistrationStatus.Subscribed);
        Assert.Equal(1, await zoho.PushesAsync());
        await tenant.EventuallyAsync(await tenant.SubmitAsync("grace@example.com"), RegistrationStatus.Subscribed);
    }

    [Fact]
    public async Task Nothing_of_a_contact_is_in_the_log()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.DisturbAsync("html502", times: 2);
        var submitted = await tenant.SubmitAsync(new RegistrationFields { Email = "secretive@example.com", FirstName = "Secretia", Phone = "+44 20 7946 0958" });
        await tenant.EventuallyAsync(submitted, RegistrationStatus.Subscribed);

        // without a header, the first line is somebody's, and the answer names the columns
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var upload = await syncing.UploadAsync("Secretia,+44 20 7946 0958\nGrace,+44 20 7946 0958\n");
        var refused = await Assert.ThrowsAsync<RpcException>(() => syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id } }));
        Assert.Contains("Secretia", refused.Status.Detail, StringComparison.Ordinal);

        Assert.Contains(_campaigns.Host.Log.Lines, line => line.Contains(submitted.Id, StringComparison.Ordinal));
        Assert.DoesNotContain(_campaigns.Host.Log.Lines, line => line.Contains("secreti", StringComparison.OrdinalIgnoreCase)
            || line.Contains("7946 0958", StringComparison.Ordinal));
    }

    private static async Task AllowConnectionsAsync(NpgsqlDataSource admin, string database, bool allowed)
    {
        await using var command = admin.CreateCommand($"""ALTER DATABASE "{database}" ALLOW_CONNECTIONS {allowed}""");
        await command.ExecuteNonQueryAsync();
    }
}
