using Npgsql;

namespace ZohoPlatform.Platform.Tests;

/// <summary>
/// A feed of Zoho CRM that waits for a person's word, as its service keeps one. A service makes feeds by subscribing, which none of a launch does so far.
/// </summary>
internal static class PlantedFeed
{
    /// <summary>Its id. Nothing is read for it before somebody says what becomes of the records that vanished.</summary>
    public static async Task<string> PlantAsync(Platform platform, string tenant, string connection, string module)
    {
        await using var database = NpgsqlDataSource.Create((await platform.ConnectionStringAsync("crm-db"))!);
        await using var plant = database.CreateCommand(
            """
            WITH copy AS (
                INSERT INTO copies (
                    tenant_id, id, kind, connection_id, subject, state, created_at, rows, ignores_filter, wanted, code, message, failed_since, told_code,
                    run_kind, step, position, generation, read_generation, reads_again, is_second_reading, run_read, run_written, run_deleted, run_calls,
                    run_restarts, followed_last, deleted_unasked, vanishing, deletions_allowed)
                VALUES (
                    $1, gen_random_uuid(), 'crm.module', $2, $3, 3, now(), 900, false, 0, 'deletions_to_confirm', '700 of 900 records are gone at the source.',
                    now(), '', 0, 0, '', 0, 0, false, false, 0, 0, 0, 0,
                    0, false, 0, 700, false)
                RETURNING tenant_id, id, connection_id, subject)
            INSERT INTO feeds (tenant_id, id, connection_id, module, fields, missing_fields, position)
            SELECT tenant_id, id, connection_id, subject, '{Last_Name}', '{}', 0 FROM copy RETURNING id
            """);
        plant.Parameters.AddWithValue(Guid.Parse(tenant));
        plant.Parameters.AddWithValue(connection);
        plant.Parameters.AddWithValue(module);
        return ((Guid)(await plant.ExecuteScalarAsync())!).ToString();
    }
}
