using Grpc.Core;
using Microsoft.Extensions.Options;
using Npgsql;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Tests.Secrets;

public sealed class SecretsTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.PrepareAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_ciphertext_that_is_moved_to_another_row_does_not_open()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var (mine, theirs) = (await _world.ConnectAsync("a", "1000.fake.grant.a"), await _world.ConnectAsync("b", "1000.fake.grant.b"));
        await _world.SqlAsync(
            $"UPDATE connections SET refresh_token_sealed = (SELECT refresh_token_sealed FROM connections "
                + $"WHERE id = '{theirs.Id}') WHERE id = '{mine.Id}'");
        _world.ExpireTokens();

        await Assert.ThrowsAsync<RpcException>(() => _world.TokenAsync(mine.Id));

        Assert.Equal(2, _world.Zoho.Refreshes.Count);
        await _world.TokenAsync(theirs.Id);
    }

    [Fact]
    public async Task A_ciphertext_that_is_moved_to_another_tenant_does_not_open()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var mine = await _world.ConnectAsync();
        var token = await _world.TokenAsync(mine.Id);
        foreach (var table in (string[])["integration_settings", "client_secrets", "connections"])
        {
            // the same row, with the same id, for somebody else
            await _world.SqlAsync(
                $"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('tenant_id', '{_world.OtherTenant}'))).* "
                    + $"FROM {table} t");
        }

        var theirs = _world.Host.TicketOf(_world.OtherTenant, Role.Service);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await _world.Host.Tokens.GetAccessTokenAsync(
            new GetAccessTokenRequest { ConnectionId = mine.Id }, theirs));
        var settings = await Assert.ThrowsAsync<RpcException>(async () => await _world.Host.Settings.GetSettingsAsync(
            new GetSettingsRequest { Provider = "zoho" }, _world.Host.TicketOf(_world.OtherTenant, Role.Admin)));

        Assert.Equal((StatusCode.Unknown, StatusCode.Unknown), (refused.StatusCode, settings.StatusCode));
        Assert.Equal(token.AccessToken, (await _world.TokenAsync(mine.Id)).AccessToken);
        Assert.Single(_world.Zoho.Refreshes);
    }

    [Fact]
    public async Task Sql_of_the_service_sees_nothing_without_a_tenant_and_nothing_as_another_one()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        await _world.TokenAsync((await _world.ConnectAsync()).Id);
        var tables = ((string)(await _world.SqlAsync(
            """
            SELECT string_agg(c.relname, ' ') FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
            """))!).Split(' ');
        Assert.Contains("connections", tables);
        var database = new NpgsqlConnectionStringBuilder(_world.Configuration["ConnectionStrings:tokens"])
        {
            Username = (string)(await _world.SqlAsync("SELECT current_database() || '_service'"))!,
            Password = "fake-service-password",
        };
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();

        Assert.Equal(0, await RowsAsync(connection, tables, ""));
        Assert.Equal(0, await RowsAsync(connection, tables, _world.OtherTenant.ToString()));
        Assert.True(await RowsAsync(connection, tables, _world.Tenant.ToString()) > tables.Length / 2);
    }

    [Fact]
    public async Task A_ciphertext_that_is_moved_to_another_field_does_not_open()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();
        await _world.SqlAsync("UPDATE connections SET access_token_sealed = refresh_token_sealed");

        await Assert.ThrowsAsync<RpcException>(() => _world.TokenAsync(connection.Id));
    }

    [Fact]
    public async Task Nothing_in_the_database_is_readable()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        await _world.ConnectAsync();

        foreach (var table in (string[])
            ["connections", "client_secrets", "integration_settings", TokenWorld.Audit, "refresh_attempts", "key_ring"])
        {
            var rows = (string)(await _world.SqlAsync(
                $"SELECT string_agg(encode(convert_to(t::text, 'UTF8'), 'escape'), ' ') FROM (SELECT * FROM {table}) t"))!;
            foreach (var secret in _world.Zoho.Given.Concat([TokenWorld.ClientSecret, TokenWorld.RefreshToken]))
            {
                Assert.DoesNotContain(secret, rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(secret)), rows, StringComparison.Ordinal);
            }

            Assert.DoesNotContain("masterKey>", rows, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_restart_opens_what_was_sealed_before()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();
        var token = await _world.TokenAsync(connection.Id);
        await _world.StopHostsAsync();

        await _world.StartHostAsync();
        Assert.Equal(token.AccessToken, (await _world.TokenAsync(connection.Id)).AccessToken);
        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);

        Assert.Equal(2, _world.Zoho.Refreshes.Count);
    }

    [Fact]
    public async Task Another_master_key_stops_the_start_and_names_both()
    {
        await _world.StartHostAsync();
        await _world.StopHostsAsync();
        var right = _world.Configuration["Secrets:MasterKey"];
        _world.Configuration["Secrets:MasterKey"] = TokenWorld.NewKey();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _world.StartHostAsync());

        Assert.Contains("Secrets:MasterKey", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM key_ring"));
        Assert.Contains((string)(await _world.SqlAsync("SELECT master_key_id FROM key_ring"))!, refused.Message, StringComparison.Ordinal);

        _world.Configuration["Secrets:MasterKey"] = right;
        await _world.StartHostAsync();
    }

    [Fact]
    public async Task A_new_master_key_takes_over_while_replicas_run_and_the_old_one_can_go()
    {
        var old = _world.Configuration["Secrets:MasterKey"];
        var next = TokenWorld.NewKey();
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();
        var oldId = (string)(await _world.SqlAsync("SELECT master_key_id FROM key_ring"))!;

        // the first rollout: every replica can open the new one before anything is wrapped with it
        _world.Configuration["Secrets:MasterKey"] = $"{old},{next}";
        await _world.StartHostAsync();
        Assert.Equal(oldId, await _world.SqlAsync("SELECT master_key_id FROM key_ring"));

        // the second
        _world.Configuration["Secrets:MasterKey"] = $"{next}, {old}";
        var hosts = await Task.WhenAll(_world.StartHostAsync(), _world.StartHostAsync());
        Assert.NotEqual(oldId, await _world.SqlAsync("SELECT master_key_id FROM key_ring"));
        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);
        await _world.TokenAsync(connection.Id, hosts[0]);
        await _world.StopHostsAsync();

        _world.Configuration["Secrets:MasterKey"] = old;
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _world.StartHostAsync());
        Assert.Contains((string)(await _world.SqlAsync("SELECT master_key_id FROM key_ring"))!, refused.Message, StringComparison.Ordinal);

        _world.Configuration["Secrets:MasterKey"] = next;
        await _world.StartHostAsync();
        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM key_ring"));
    }

    [Fact]
    public async Task A_restored_backup_opens_with_the_same_master_key_and_with_no_other()
    {
        await _world.StartHostAsync();
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();
        await _world.StopHostsAsync();
        await _world.BackUpAndRestoreAsync();

        var right = _world.Configuration["Secrets:MasterKey"];
        _world.Configuration["Secrets:MasterKey"] = TokenWorld.NewKey();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _world.StartHostAsync());
        Assert.Contains((string)(await _world.SqlAsync("SELECT master_key_id FROM key_ring"))!, refused.Message, StringComparison.Ordinal);

        _world.Configuration["Secrets:MasterKey"] = right;
        await _world.StartHostAsync();
        _world.ExpireTokens();
        await _world.TokenAsync(connection.Id);
        Assert.Equal(TokenWorld.RefreshToken, _world.Zoho.Refreshes[^1].Form["refresh_token"]);
    }

    [Fact]
    public async Task A_start_that_is_refused_wraps_nothing_anew()
    {
        await _world.StartHostAsync();
        await _world.StopHostsAsync();
        // as after a restore of a backup that was taken under another master key
        await _world.SqlAsync("INSERT INTO key_ring (name, master_key_id, xml) VALUES ('foreign', '0123456789abcdef', '<key/>')");
        var before = await _world.SqlAsync("SELECT string_agg(xml, ' ' ORDER BY id) FROM key_ring");
        _world.Configuration["Secrets:MasterKey"] = $"{TokenWorld.NewKey()},{_world.Configuration["Secrets:MasterKey"]}";

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _world.StartHostAsync());

        Assert.Contains("0123456789abcdef", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await _world.SqlAsync("SELECT string_agg(xml, ' ' ORDER BY id) FROM key_ring"));
    }

    [Fact]
    public async Task A_table_of_sealed_values_whose_tenants_are_not_noted_refuses_the_start_and_is_named()
    {
        await _world.StartHostAsync();
        await _world.StopHostsAsync();
        _world.DatabaseIsSpoilt = true;
        await _world.SqlAsync("DROP TRIGGER note_sealing_tenant ON revocations");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _world.StartHostAsync());

        Assert.Contains("The table revocations ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("not base64!", null)]
    [InlineData("c2hvcnQ=", null)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,", null)]
    [InlineData(null, "no-such-file.key")]
    [InlineData("c2hvcnQ=", "no-such-file.key")]
    public async Task A_master_key_that_is_missing_or_wrong_is_named(string? key, string? file)
    {
        _world.Configuration["Secrets:MasterKey"] = key;
        _world.Configuration["Secrets:MasterKeyFile"] = file;

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => _world.StartHostAsync());

        Assert.Contains("Secrets:MasterKey", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mounted_file_is_as_good_as_the_setting()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, _world.Configuration["Secrets:MasterKey"] + "\n");
        _world.Configuration["Secrets:MasterKey"] = null;
        _world.Configuration["Secrets:MasterKeyFile"] = file;

        await _world.StartHostAsync();

        File.Delete(file);
    }

    [Fact]
    public async Task Replicas_that_start_together_make_one_key_and_read_each_other()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _world.StartHostAsync()));
        await _world.SetClientAsync();
        var connection = await _world.ConnectAsync();

        var tokens = await Task.WhenAll(hosts.Select(host => _world.TokenAsync(connection.Id, host)));

        Assert.Single(tokens.Select(token => token.AccessToken).Distinct());
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM key_ring"));
    }

    private static async Task<long> RowsAsync(NpgsqlConnection connection, string[] tables, string tenant)
    {
        await using (var set = new NpgsqlCommand("SELECT set_config('app.tenant_id', $1, false)", connection))
        {
            set.Parameters.Add(new NpgsqlParameter { Value = tenant });
            await set.ExecuteNonQueryAsync();
        }

        await using var count = new NpgsqlCommand(
            string.Join(" UNION ALL ", tables.Select(table => $"SELECT count(*) FROM {table}")), connection);
        await using var reader = await count.ExecuteReaderAsync();
        var rows = 0L;
        while (await reader.ReadAsync())
        {
            rows += reader.GetInt64(0);
        }

        return rows;
    }
}
