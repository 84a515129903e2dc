using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Testing;

/// <summary>What a service's database holds of a tenant, as one sees it who may see all.</summary>
public static class TenantRows
{
    /// <summary>Rows of the tenant by table, of all tables that have tenants, but the audit's.</summary>
    /// <param name="admin">The connection string of a login that no policy binds.</param>
    /// <param name="tenant">Whose.</param>
    public static async Task<IReadOnlyDictionary<string, long>> CountAsync(string admin, TenantId tenant)
    {
        await using var database = NpgsqlDataSource.Create(admin);
        var tables = new List<string>();
        await using (var list = database.CreateCommand(
            """
            SELECT table_name FROM information_schema.columns
            WHERE column_name = 'tenant_id' AND table_schema = 'public' AND table_name NOT LIKE 'audit\_%' ORDER BY table_name
            """))
        await using (var found = await list.ExecuteReaderAsync())
        {
            while (await found.ReadAsync())
            {
                tables.Add(found.GetString(0));
            }
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            await using var count = database.CreateCommand($"""SELECT count(*) FROM "{table}" WHERE tenant_id = '{tenant}'""");
            counts[table] = (long)(await count.ExecuteScalarAsync())!;
        }

        return counts;
    }

    /// <summary>The tables that hold a text somewhere in a row, whatever its case.</summary>
    public static async Task<IReadOnlyList<string>> WithTextAsync(string admin, string text)
    {
        await using var database = NpgsqlDataSource.Create(admin);
        await using var find = database.CreateCommand(
            """
            SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (xpath('/row/n/text()', query_to_xml(
                format('SELECT count(*) AS n FROM %I t WHERE t::text ILIKE %L', table_name, '%' || $1 || '%'), false, true, '')))[1]::text <> '0'
            ORDER BY table_name
            """);
        find.Parameters.AddWithValue(text);
        await using var found = await find.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await found.ReadAsync())
        {
            tables.Add(found.GetString(0));
        }

        return tables;
    }
}
