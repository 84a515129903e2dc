using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Forgetting;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

public sealed class ErasureTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private static readonly string[] Filled =
        [
            "campaigns_settings", "registrations", "subscriptions", "opt_outs", "opt_out_queue", "sync_contacts", "sync_uploads", "sync_upload_packs",
            "syncs", "upload_queue", "copies", "copy_queue", "copy_records", "copy_runs", "list_contacts",
        ];

    private Campaigns _campaigns = null!;

    public async Task InitializeAsync() => _campaigns = await Campaigns.StartAsync(zoho);

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_tenant_that_is_erased_leaves_its_audit_alone_and_others_keep_theirs()
    {
        var (gone, stays) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        foreach (var tenant in (Tenant[])[gone, stays])
        {
            await tenant.EventuallyAsync(await tenant.SubmitAsync($"ada.{tenant.Id}@example.com"), RegistrationStatus.Subscribed);
            var syncing = new Syncing(_campaigns.Host, tenant.Id);
            await syncing.EventuallyAsync(await syncing.CreateAsync(Syncing.Users(2)), SyncState.Completed);
            await syncing.UploadAsync(Syncing.Csv("grace@example.com"));
        }

        await zoho.BeAsync("unavailable");
        foreach (var tenant in (Tenant[])[gone, stays])
        {
            await _campaigns.Host.Results.UnsubscribeAsync(new() { Email = "left@example.com" }, Ticket(tenant, Role.Operator));
        }

        var (before, kept) = (await RowsAsync(gone), await RowsAsync(stays));
        Assert.All(Filled, table => Assert.Equal((table, true), (table, before[table] > 0)));

        Assert.NotEqual(0, await EraseAsync(gone));

        Assert.All(await RowsAsync(gone), table => Assert.Equal((table.Key, 0), (table.Key, table.Value)));
        var left = await RowsAsync(stays);
        Assert.All(Filled, table => Assert.Equal((table, kept[table]), (table, left[table])));
        Assert.Contains(await gone.AuditAsync(), entry => entry.StartsWith("service:gateway tenant.erased ", StringComparison.Ordinal));
        Assert.Equal(0, await EraseAsync(gone));
        Assert.Single(await gone.AuditAsync(), entry => entry.Contains("tenant.erased", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_who_is_forgotten_leaves_no_address_but_its_hash()
    {
        var (tenant, other) = (await _campaigns.TenantAsync(), await _campaigns.TenantAsync());
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        var first = await tenant.SubmitAsync("Forgotten.One@example.com");
        await tenant.SubmitAsync("forgotten.one@example.com");
        var stays = await tenant.SubmitAsync("somebody.else@example.com");
        var sync = await syncing.EventuallyAsync(
            await syncing.CreateAsync(["forgotten.one@example.com", "somebody.else@example.com"]), SyncState.Completed);
        await Eventually.GetAsync(
            async () => (await tenant.ListAsync()).Registrations.All(one => one.Status is RegistrationStatus.Subscribed or RegistrationStatus.AlreadySubscribed),
            done => done);
        Assert.Contains("registrations", await TablesWithAsync("forgotten.one"));
        var admin = Ticket(tenant, Role.Admin);

        Assert.Equal("role_missing", (await RefusedAsync(new() { RegistrationId = first.Id }, Ticket(tenant, Role.Operator))).Code);
        Assert.Equal("registration_not_found", (await RefusedAsync(new() { RegistrationId = first.Id }, Ticket(other, Role.Admin))).Code);
        var forgotten = await _campaigns.Host.Contacts.ForgetContactAsync(new() { RegistrationId = first.Id }, admin);

        Assert.Equal((2, 1), (forgotten.Registrations, forgotten.SyncContacts));
        // but for the file that was uploaded, which is packed and stays until its day is over
        Assert.Empty(await TablesWithAsync("forgotten.one"));
        Assert.Equal(1, (await RowsAsync(tenant))["opt_outs"]);
        Assert.Equal(stays.Id, Assert.Single((await tenant.ListAsync()).Registrations).Id);
        Assert.Equal(["", "somebody.else@example.com"], (await syncing.LedgerAsync(sync)).Select(row => row.Email).Order(StringComparer.Ordinal));
        Assert.Single(await tenant.AuditAsync(), entry => entry.Contains("contact.forgotten", StringComparison.Ordinal));
        Assert.Equal("registration_not_found", (await RefusedAsync(new() { RegistrationId = first.Id }, admin)).Code);
        var unknown = await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "Nobody <nobody@example.com>" }, admin);
        Assert.Equal((0, 0), (unknown.Registrations, unknown.SyncContacts));
    }

    [Fact]
    public async Task Whom_a_sync_has_yet_to_push_is_not_forgotten_behind_its_back()
    {
        var tenant = await _campaigns.TenantAsync();
        var syncing = new Syncing(_campaigns.Host, tenant.Id);
        // contacts with fields go one by one, and the second a minute later
        var upload = await syncing.UploadAsync("email,first name\nfirst@example.com,Ada\nforgotten.two@example.com,Grace\n");
        var sync = await syncing.CreateAsync(new CreateSyncRequest { Source = new() { UploadId = upload.Id }, Rate = 1 });
        await Eventually.GetAsync(async () => (await syncing.LedgerAsync(sync)).Count, rows => rows == 2);

        var refused = await RefusedAsync(new() { Email = "forgotten.two@example.com" }, Ticket(tenant, Role.Admin));

        Assert.Equal("contact_in_sync", refused.Code);
        Assert.Contains(sync.Id, refused.Message, StringComparison.Ordinal);
        // what it says is to be done helps
        await _campaigns.Host.Syncs.CancelSyncAsync(new() { Id = sync.Id }, Ticket(tenant, Role.Operator));
        var forgotten = await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "forgotten.two@example.com" }, Ticket(tenant, Role.Admin));
        Assert.Equal(1, forgotten.SyncContacts);
    }

    [Fact]
    public async Task However_an_address_is_spelled_or_wherever_a_row_has_it_it_goes()
    {
        var tenant = await _campaigns.TenantAsync(connected: false);
        var (syncing, admin) = (new Syncing(_campaigns.Host, tenant.Id), Ticket(tenant, Role.Admin));
        await _campaigns.Tokens.ConnectAsync(tenant.Id, "us");
        // PostgreSQL and .NET do not write the same small letter for the first one
        var first = await tenant.SubmitAsync("\u0130smail.Four@Example.com");
        await tenant.SubmitAsync("\u0130SMAIL.four@example.com");
        var upload = await syncing.UploadAsync(
            $"""
            email,company,status
            Forgotten.Four@example.com (at work),A,in
            "forgotten.four@example.com, second.four@example.com",A,in
            forgotten.four @ example.com,A,in
            forgotten.four@example.com,{new string('x', 300)},in
            forgotten.four@example.com,A,in
            FORGOTTEN.four@example.com,A,in
            forgotten.four@example.com,A,out
            forgotten.four@example,A,in
            stays.four@example.com (home),A,in

            """);
        var sync = await syncing.EventuallyAsync(
            await syncing.CreateAsync(new CreateSyncRequest
            {
                Source = new() { UploadId = upload.Id },
                Mapping = { new FieldMapping { Column = "email", Field = "Contact Email" }, new FieldMapping { Column = "company", Field = "Company" } },
                Filters = { new RowFilter { Column = "status", Values = { "in" } } },
            }),
            SyncState.Completed);
        // a row is kept with one address at most
        Assert.Empty(await TablesWithAsync("second.four"));
        Assert.Equal("forgotten.four@example.com, \u2026", (await syncing.LedgerAsync(sync))[1].Email);

        var byId = await _campaigns.Host.Contacts.ForgetContactAsync(new() { RegistrationId = first.Id }, admin);
        var byAddress = await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "Forgotten.FOUR@example.com" }, admin);

        Assert.Equal((2, 0), (byId.Registrations, byId.SyncContacts));
        Assert.Equal((0, 7), (byAddress.Registrations, byAddress.SyncContacts));
        Assert.Empty(await TablesWithAsync("smail.four"));
        Assert.Empty(await TablesWithAsync("forgotten.four@example.com"));
        // of which one is no address, and the other somebody else's
        Assert.Equal(
            ["forgotten.four@example", "stays.four@example.com (home)"],
            (await syncing.LedgerAsync(sync)).Select(row => row.Email).Where(email => email.Length > 0));
        Assert.Equal(RegistrationStatus.Suppressed, (await tenant.SubmitAsync("\u0130smail.four@example.com")).Status);
    }

    [Fact]
    public async Task What_a_person_says_while_they_are_let_back_stands()
    {
        var tenant = await _campaigns.TenantAsync();
        var admin = Ticket(tenant, Role.Admin);
        await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "wavers@example.com" }, admin);
        await using var database = NpgsqlDataSource.Create(_campaigns.Database);
        await using var connection = await database.OpenConnectionAsync();
        await using var saying = await connection.BeginTransactionAsync();
        await using var read = new NpgsqlCommand($"SELECT subject_key FROM campaigns_settings WHERE tenant_id = '{tenant.Id}'", connection);
        var subject = EmailSubject.Of((byte[])(await read.ExecuteScalarAsync())!, "wavers@example.com");
        await saying.LockAsync(RegistrationStore.TurnOf(subject), default);

        var lifting = _campaigns.Host.Contacts.LiftOptOutAsync(new() { Email = "wavers@example.com", Reason = "Asked for it." }, admin).ResponseAsync;
        await WaitingAsync(database, 1);
        // as who says it again
        await using var again = new NpgsqlCommand(
            $"UPDATE opt_outs SET opted_out_at = opted_out_at + interval '1 second' WHERE tenant_id = '{tenant.Id}'", connection);
        Assert.Equal(1, await again.ExecuteNonQueryAsync());
        await saying.CommitAsync();

        Assert.Equal("opt_out_not_found", (await Refused.ByAsync(() => lifting)).Code);
        Assert.Equal(1, (await RowsAsync(tenant))["opt_outs"]);
    }

    [Fact]
    public async Task Who_registers_at_the_moment_in_which_they_are_forgotten_is_suppressed_and_a_tenant_forgets_few_at_once()
    {
        var tenant = await _campaigns.TenantAsync();
        var admin = Ticket(tenant, Role.Admin);
        await using var database = NpgsqlDataSource.Create(_campaigns.Database);
        await using var connection = await database.OpenConnectionAsync();
        await using var forgetting = await connection.BeginTransactionAsync();
        await using var read = new NpgsqlCommand($"SELECT subject_key FROM campaigns_settings WHERE tenant_id = '{tenant.Id}'", connection);
        var subject = EmailSubject.Of((byte[])(await read.ExecuteScalarAsync())!, "late@example.com");
        await forgetting.LockAsync(RegistrationStore.TurnOf(subject), default);

        var submitted = tenant.SubmitAsync("late@example.com");
        await WaitingAsync(database, 1);
        var asked = Enumerable.Range(0, PersonTurns.AtOnce + PersonTurns.Waiting)
            .Select(_ => _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "late@example.com" }, admin).ResponseAsync)
            .ToList();
        await WaitingAsync(database, 1 + PersonTurns.AtOnce);
        // those that wait for their turn do so nowhere to be seen: sooner or later one too many is refused
        var refused = await Eventually.GetAsync(
            async () =>
            {
                using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
                try
                {
                    await _campaigns.Host.Contacts.ForgetContactAsync(new() { Email = "late@example.com" }, admin, cancellationToken: soon.Token);
                    return null;
                }
                catch (RpcException e)
                {
                    return e.StatusCode is StatusCode.Cancelled ? null : e.ToFailure();
                }
            },
            failure => failure is not null);
        await using var remember = new NpgsqlCommand(
            "INSERT INTO opt_outs (tenant_id, subject, list_key, reason, opted_out_at) VALUES ($1, $2, '', 1, now())", connection);
        remember.Parameters.AddWithValue(tenant.Id.Value);
        remember.Parameters.AddWithValue(subject);
        await remember.ExecuteNonQueryAsync();
        await forgetting.CommitAsync();

        Assert.Equal("forgetting_busy", refused!.Code);
        Assert.Equal((RegistrationStatus.Suppressed, "forgotten"), await submitted is var one ? (one.Status, one.Code) : default);
        Assert.Equal(1, (await Task.WhenAll(asked)).Sum(answer => answer.Registrations));
    }

    // for a lock, in this database
    private static Task<long> WaitingAsync(NpgsqlDataSource database, int count) => Eventually.GetAsync(
        async () =>
        {
            await using var ask = database.CreateCommand(
                """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """);
            return (long)(await ask.ExecuteScalarAsync())!;
        },
        waiting => waiting == count);

    private Metadata Ticket(Tenant tenant, Role role) => _campaigns.Host.TicketOf(tenant.Id, role);

    private Task<Failure> RefusedAsync(ForgetContactRequest request, Metadata ticket) =>
        Refused.ByAsync(async () => await _campaigns.Host.Contacts.ForgetContactAsync(request, ticket));

    private Task<IReadOnlyList<string>> TablesWithAsync(string text) => TenantRows.WithTextAsync(_campaigns.Database, text);

    private async Task<long> EraseAsync(Tenant tenant) => (await _campaigns.Host.Data.EraseTenantAsync(
        new() { RequestedAt = DateTime.UnixEpoch.ToTimestamp() }, TestTickets.OwnOf("gateway", tenant.Id, "campaigns"))).Rows;

    private Task<IReadOnlyDictionary<string, long>> RowsAsync(Tenant tenant) => TenantRows.CountAsync(_campaigns.Database, tenant.Id);
}
