using Npgsql;

namespace ZohoPlatform.Platform.Tests;

/// <summary>What every service's database promises, read from PostgreSQL itself.</summary>
[Collection(OneLaunch.Name)]
public sealed class DatabaseTests(SharedPlatform shared)
{
    // ids and times only: what a worker or a key check must find before it knows the tenant
    private static readonly string[] WithoutContent =
    [
        "registration_queue", "push_gates", "sync_work", "upload_queue", "api_key_directory", "revocation_queue", "refresh_queue",
        "webhook_queue", "sealing_tenants",
    ];

    [Theory]
    [InlineData("tokens-db")]
    [InlineData("campaigns-db")]
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
