using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>What every service's database promises, read from PostgreSQL itself.</summary>
[Collection(OneLaunch.Name)]
public sealed class DatabaseTests(SharedPlatform shared)
{
    // ids, times, counts and hashes only: what a worker or a key check must find before it knows the tenant
    private static readonly string[] WithoutContent =
    [
        "registration_queue", "push_gates", "opt_out_queue", "sync_work", "sync_expiry", "upload_queue", "api_key_directory", "revocation_queue", "refresh_queue",
        "event_queue", "delivery_queue", "retention_queue", "copy_queue", "tenant_erasures", "sealing_tenants", "audit_queue", "audit_heads",
        "audit_kept_heads", "channel_queue", "channel_tenants", "delivery_queue", "follow_queue",
    ];

    public static TheoryData<string> Services => [.. TestTickets.Services];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_service_knows_one_login_which_opens_its_own_database_and_no_other(string service)
    {
        var running = await shared.Platform.WaitForAsync(service, snapshot => !snapshot.EnvironmentVariables.IsEmpty);
        var postgres = new NpgsqlConnectionStringBuilder(await shared.Platform.ConnectionStringAsync("postgres"));
        var variable = Assert.Single(running.EnvironmentVariables, variable => variable.Value?.Contains("Username=", StringComparison.Ordinal) is true);
        Assert.DoesNotContain(
            running.EnvironmentVariables, other => other.Value?.Contains(postgres.Password!, StringComparison.Ordinal) is true);
        var login = new NpgsqlConnectionStringBuilder(variable.Value);
        Assert.Equal((service, $"{service}_service"), (login.Database, login.Username));
        await using (var own = new NpgsqlConnection(login.ConnectionString))
        {
            await own.OpenAsync();
        }

        foreach (var other in TestTickets.Services.Except([service]))
        {
            await using var foreign = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(login.ConnectionString) { Database = other }.ConnectionString);
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => foreign.OpenAsync())).SqlState);
        }
    }

    [Theory]
    [InlineData("tokens-db")]
    [InlineData("campaigns-db")]
    [InlineData("crm-db")]
    [InlineData("messaging-db")]
    [InlineData("webhooks-db")]
    [InlineData("gateway-db")]
    public async Task Every_table_with_a_tenant_is_under_forced_row_level_security_with_the_tenant_first_in_its_key(string database)
    {
        await using var connection = new NpgsqlConnection(await shared.Platform.ConnectionStringAsync(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                   (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                    WHERE i.indrelid = c.oid AND i.indisprimary)
            FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
              AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
            """,
            connection);
        var tables = new List<(string Name, bool IsIsolated, string FirstOfKey)>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            tables.Add((rows.GetString(0), rows.GetBoolean(1), rows.GetString(2)));
        }

        var isolated = tables.Where(table => !WithoutContent.Contains(table.Name)).ToList();
        Assert.NotEmpty(isolated);
        Assert.All(isolated, table => Assert.True(table is { IsIsolated: true, FirstOfKey: "tenant_id" }, $"{table.Name} is not isolated"));
    }
}
