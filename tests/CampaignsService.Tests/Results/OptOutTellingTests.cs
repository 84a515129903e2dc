using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;
using Role = ZohoPlatform.ServiceDefaults.Identity.Role;

namespace ZohoPlatform.CampaignsService.Tests.Results;

/// <summary>Who says that they do not want to be written to while Zoho cannot be told is told of later.</summary>
public sealed class OptOutTellingTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task Zoho_is_told_once_it_answers_by_whichever_replica_is_there_then()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.SeedAsync("active", ["left@example.com", "blocked@example.com"]);
        await zoho.BeAsync("unavailable");

        var left = await UnsubscribeAsync(tenant, "left@example.com");
        var again = await UnsubscribeAsync(tenant, "left@example.com");
        var blocked = await _campaigns.Host.Results.MarkDoNotMailAsync(new() { Email = "blocked@example.com" }, Operator(tenant));
        var waiting = await tenant.SubmitAsync("left@example.com");
        var kept = await TenantRows.WithTextAsync(_campaigns.Database, "blocked@example.com");
        await _campaigns.StopAllAsync();
        await zoho.BeAsync("up");
        await _campaigns.AddReplicaAsync();
        await NothingIsLeftAsync();

        Assert.Equal((OptOutTold.ToBeTold, "zoho_unavailable"), (left.AtZoho, left.Code));
        // another try may be under way at that moment
        Assert.Equal(OptOutTold.ToBeTold, again.AtZoho);
        Assert.Equal((OptOutTold.ToBeTold, "zoho_unavailable"), (blocked.AtZoho, blocked.Code));
        Assert.NotEmpty(left.Message);
        Assert.Equal((RegistrationStatus.Suppressed, "kept_off"), (waiting.Status, waiting.Code));
        Assert.Equal(["opt_outs"], kept);
        Assert.Equal(("unsub", false), await zoho.StandingAsync("left@example.com"));
        Assert.Equal(("unsub", true), await zoho.StandingAsync("blocked@example.com"));
        Assert.Equal("unsubscribed", (await tenant.SubmitAsync("left@example.com")).Code);
        Assert.Equal("do_not_mail", (await tenant.SubmitAsync("blocked@example.com")).Code);
    }

    [Fact]
    public async Task Zoho_is_told_as_soon_as_there_is_a_connection()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        await zoho.SeedAsync("active", ["left@example.com", "too@example.com"]);

        var left = await UnsubscribeAsync(tenant, "left@example.com");
        await UnsubscribeAsync(tenant, "too@example.com");
        // the waits grow to minutes
        await SqlAsync("UPDATE opt_out_queue SET due_at = due_at + interval '1 hour'");
        await _campaigns.Tokens.ConnectAsync(tenant.Id);
        await PlayedTokens.TellOfChangeAsync(tenant.Id);
        await NothingIsLeftAsync();

        Assert.Equal((OptOutTold.ToBeTold, "not_connected"), (left.AtZoho, left.Code));
        Assert.Equal(("unsub", false), await zoho.StandingAsync("left@example.com"));
        Assert.Equal(("unsub", false), await zoho.StandingAsync("too@example.com"));
    }

    [Fact]
    public async Task What_was_said_to_a_replica_that_was_killed_then_is_told_by_another()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.SeedAsync("active", ["left@example.com"]);
        var hang = await zoho.DisturbAsync("hang", times: 1, path: "*listunsubscribe");
        await using (var replica = await ServiceProcess.StartAsync("CampaignsService", await _campaigns.SettingsAsync()))
        {
            using var channel = GrpcChannel.ForAddress(replica.Address);
            var asked = new CampaignResults.CampaignResultsClient(channel)
                .UnsubscribeAsync(new() { Email = "left@example.com" }, Operator(tenant)).ResponseAsync;
            await zoho.MetAsync(hang, 1);
            await replica.KillAsync();
            await Assert.ThrowsAsync<RpcException>(() => asked);
        }

        Assert.Equal(("active", false), await zoho.StandingAsync("left@example.com"));
        await SqlAsync("UPDATE opt_out_queue SET claimed_until = clock_timestamp(), due_at = '-infinity'");
        await NothingIsLeftAsync();

        Assert.Equal(("unsub", false), await zoho.StandingAsync("left@example.com"));
    }

    [Fact]
    public async Task What_is_taken_back_is_not_told_and_what_is_being_told_is_not_taken_back()
    {
        var tenant = await _campaigns.TenantAsync();
        var admin = _campaigns.Host.TicketOf(tenant.Id, Role.Admin);
        var lift = new LiftOptOutRequest { Email = "back@example.com", Reason = "Asked for it by letter." };
        await zoho.SeedAsync("active", ["back@example.com"]);
        await zoho.BeAsync("unavailable");
        await UnsubscribeAsync(tenant, "back@example.com");
        await SqlAsync("UPDATE opt_out_queue SET due_at = due_at + interval '1 hour'");
        await zoho.BeAsync("up");
        // Zoho may have heard of it all the same: it is told of the way back
        var lifted = await Eventually.GetAsync(() => LiftAsync(lift, admin), answer => answer is not null);
        Assert.Equal([zoho.ListKey], lifted!.ListKeys);
        await SqlAsync("UPDATE opt_out_queue SET due_at = '-infinity'");
        await NothingIsLeftAsync();
        Assert.Equal(["kept_off"], lifted!.Lifted);
        Assert.Equal(("active", false), await zoho.StandingAsync("back@example.com"));

        var hang = await zoho.DisturbAsync("hang", times: 1, path: "*listunsubscribe");
        var telling = UnsubscribeAsync(tenant, "back@example.com");
        await zoho.MetAsync(hang, 1);
        var refused = await Refused.ByAsync(async () => await _campaigns.Host.Contacts.LiftOptOutAsync(lift, admin));
        var unforgotten = await Refused.ByAsync(
            async () => await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "back@example.com" }, admin));
        await zoho.ReleaseAsync(hang);

        Assert.All([refused, unforgotten], refusal => Assert.Equal("opt_out_being_told", refusal.Code));
        Assert.Equal(OptOutTold.Done, (await telling).AtZoho);
        Assert.Equal(["unsubscribed"], (await _campaigns.Host.Contacts.LiftOptOutAsync(lift, admin)).Lifted);
    }

    [Fact]
    public async Task Who_is_forgotten_before_zoho_was_told_leaves_no_address()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.BeAsync("unavailable");
        await UnsubscribeAsync(tenant, "forgotten.six@example.com");
        await SqlAsync("UPDATE opt_out_queue SET due_at = due_at + interval '1 hour'");
        Assert.Equal(["opt_outs"], await TenantRows.WithTextAsync(_campaigns.Database, "forgotten.six"));

        await Eventually.GetAsync(
            () => AcceptedAsync(async () => await _campaigns.Host.Contacts.ForgetContactAsync(
                new() { Email = "forgotten.six@example.com" }, _campaigns.Host.TicketOf(tenant.Id, Role.Admin))),
            answer => answer is not null);

        Assert.Empty(await TenantRows.WithTextAsync(_campaigns.Database, "forgotten.six"));
        Assert.Equal(0L, await SqlAsync("SELECT count(*) FROM opt_out_queue"));
        Assert.Equal("kept_off", (await tenant.SubmitAsync("forgotten.six@example.com")).Code);
    }

    [Fact]
    public async Task A_list_that_zoho_does_not_know_is_not_told_again_and_a_number_that_may_mean_anything_is()
    {
        var tenant = await _campaigns.TenantAsync();
        await zoho.SetAsync(new { RefusedContact = "odd@example.com" });

        var vague = await UnsubscribeAsync(tenant, "odd@example.com");
        var list = await Refused.ByAsync(async () => await _campaigns.Host.Results.UnsubscribeAsync(
            new() { Email = "ada@example.com", ListKey = "3zfakenolist" }, Operator(tenant)));

        Assert.Equal((OptOutTold.ToBeTold, "list_not_found"), (vague.AtZoho, list.Code));
        Assert.Contains("keeps the person off", list.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await SqlAsync("SELECT count(*) FROM opt_out_queue"));
        Assert.Equal("kept_off", (await tenant.SubmitAsync("odd@example.com")).Code);
    }

    [Fact]
    public async Task What_stands_in_the_way_of_all_is_looked_at_for_one_of_them()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        foreach (var email in Syncs.Syncing.Users(6))
        {
            Assert.Equal(OptOutTold.ToBeTold, (await UnsubscribeAsync(tenant, email)).AtZoho);
        }

        // while none of them tries: the first one is due now and fails, and the others, due a minute later, wait behind its next try
        await Eventually.GetAsync(
            () => SqlAsync(
                """
                WITH set_back AS (
                    UPDATE opt_out_queue
                    SET attempts = 20,
                        due_at = CASE id WHEN (SELECT min(id::text)::uuid FROM opt_out_queue) THEN '-infinity' ELSE now() + interval '1 minute' END
                    WHERE claimed_by IS NULL AND NOT EXISTS (SELECT 1 FROM opt_out_queue WHERE claimed_by IS NOT NULL)
                    RETURNING 1)
                SELECT count(*) FROM set_back
                """),
            set => set is 6L);

        await Eventually.GetAsync(
            () => SqlAsync("SELECT count(*) FROM opt_out_queue WHERE due_at > now() + interval '3 minutes'"), waiting => waiting is 6L);
        Assert.Equal(5L, await SqlAsync("SELECT count(*) FROM opt_out_queue WHERE attempts = 20"));
    }

    private async Task<UnsubscribeResponse> UnsubscribeAsync(Tenant tenant, string email) =>
        await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = email }, Operator(tenant));

    // a try that was under way when Zoho went comes to its end first
    private async Task<LiftOptOutResponse?> LiftAsync(LiftOptOutRequest request, Metadata ticket) =>
        await AcceptedAsync(async () => await _campaigns.Host.Contacts.LiftOptOutAsync(request, ticket));

    private static async Task<T?> AcceptedAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (RpcException e) when (e.ToFailure()?.Code is "opt_out_being_told")
        {
            return null;
        }
    }

    private Metadata Operator(Tenant tenant) => _campaigns.Host.TicketOf(tenant.Id, Role.Operator);

    // Zoho has been told of all, and no address is kept
    private async Task NothingIsLeftAsync() => await Eventually.GetAsync(
        () => SqlAsync("SELECT (SELECT count(*) FROM opt_out_queue) + (SELECT count(*) FROM opt_outs WHERE email IS NOT NULL OR tell_id IS NOT NULL)"),
        left => left is 0L);

    private async Task<object?> SqlAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(_campaigns.Database);
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
