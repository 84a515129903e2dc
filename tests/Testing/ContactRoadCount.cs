using Npgsql;

namespace ZohoPlatform.Testing;

/// <summary>
/// What registrations cost between the gateway's door and the record of their outcome: statements by who runs them and what for, and calls
/// of the token service.
/// </summary>
/// <param name="Registrations">How many these are.</param>
/// <param name="Door">The gateway's.</param>
/// <param name="Stored">The campaigns service's, until the registration is stored and answered.</param>
/// <param name="Pushed">The campaigns service's, until its outcome is recorded.</param>
/// <param name="Token">The token service's, until it has answered.</param>
/// <param name="Sessions">What only says whose a connection is, gives it back clean, or begins and ends a transaction.</param>
/// <param name="Later">Audit, events and looks of idle queues: in batches and by the clock, whoever registers.</param>
/// <param name="Calls">Of the token service.</param>
/// <param name="Statements">All of them.</param>
public sealed record ContactRoadCount(
    int Registrations, long Door, long Stored, long Pushed, long Token, long Sessions, long Later, long Calls,
    IReadOnlyList<CountedStatement> Statements)
{
    /// <summary>All that a registration waits for.</summary>
    public long OnTheRoad => Door + Stored + Pushed + Token + Sessions;

    // of queues that have nothing to do with a registration, of the audit, and of health checks
    private static readonly string[] OfLater =
    [
        "sync_work", "sync_expiry", "upload_queue", "retention_queue", "tenant_erasures", "event_queue", "event_outbox", "audit_", "refresh_queue", "revocation_queue", "delivery_queue",
        "pg_logical_emit_message", "LISTEN", "key_ring", "sealing_tenants", "AS waiting", "pg_catalog", "version()",
    ];

    private static readonly string[] OfSessions = ["SELECT set_config", "DISCARD", "BEGIN", "COMMIT", "ROLLBACK", "SET ", "RESET"];

    private static readonly string[] OfStoring =
        ["INSERT INTO registrations", "INSERT INTO registration_queue", "pg_advisory_xact_lock", "push_blocks", "idempotency_key"];

    private static readonly string[] OfRecording = ["INSERT INTO subscriptions"];

    /// <summary>Makes it of what was counted.</summary>
    /// <param name="registrations">How many there were.</param>
    /// <param name="calls">Of the token service.</param>
    /// <param name="statements">What the server counted meanwhile.</param>
    /// <param name="gateway">The gateway's database.</param>
    /// <param name="campaigns">The campaigns service's database.</param>
    public static ContactRoadCount Of(
        int registrations, long calls, IReadOnlyList<CountedStatement> statements, string gateway, string campaigns)
    {
        var kinds = statements.ToLookup(
            statement => OfSessions.Any(start => statement.Text.StartsWith(start, StringComparison.Ordinal)) ? "sessions"
                : Holds(statement, OfLater) ? "later"
                : statement.Database == gateway ? "door"
                : statement.Database != campaigns ? "token"
                : Holds(statement, OfStoring) && !Holds(statement, OfRecording) ? "stored" : "pushed",
            statement => statement.Calls);
        return new ContactRoadCount(
            registrations, kinds["door"].Sum(), kinds["stored"].Sum(), kinds["pushed"].Sum(), kinds["token"].Sum(), kinds["sessions"].Sum(),
            kinds["later"].Sum(), calls, statements);
    }

    /// <summary>How many hand-outs the token service has written down: each is a call. Entries come a second later, in their order.</summary>
    /// <param name="tokens">Connection string of a superuser to the token service's database.</param>
    /// <param name="actor">Whose: <c>service</c>, <c>key</c>.</param>
    public static async Task<long> HandOutsAsync(string tokens, string actor = "service")
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(tokens) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(sum((details->>'times')::bigint), 0)::bigint
            FROM (SELECT action, actor, details FROM audit_inbox UNION ALL SELECT action, actor, details FROM audit_entries) AS entries
            WHERE action = 'token.handed_out' AND split_part(actor, ':', 1) = $1
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = actor });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Whether the queue of registrations is empty.</summary>
    /// <param name="campaigns">Connection string of a superuser to the campaigns service's database.</param>
    public static async Task<bool> IsDoneAsync(string campaigns)
    {
        await using var connection = new NpgsqlConnection(campaigns);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT NOT EXISTS (SELECT 1 FROM registration_queue)", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static bool Holds(CountedStatement statement, string[] words) =>
        words.Any(word => statement.Text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
