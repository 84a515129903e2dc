using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Erasure;

/// <summary>
/// Deletes what a service's database holds of a tenant: every row of every table that has tenants, found in the model, so that a new table is
/// erased by being there. The audit stays, and gets an entry that says how many rows went and nothing of what was in them.
/// </summary>
/// <remarks>Some thousand rows at a time: it may be cut off anywhere, and goes on where it is asked again.</remarks>
public sealed class TenantErasure
{
    /// <summary>The audit's word for it; among the actions of every service that has tenants' data.</summary>
    public const string Action = "tenant.erased";

    private const int AtOnce = 5_000;
    private const string TenantColumn = "tenant_id";
    private const string AuditTables = "audit_";

    private readonly Func<TenantId, TenantDbContext> _contextFor;
    private readonly IReadOnlyList<string> _tables;
    private readonly BeforeErasure? _before;
    private readonly TimeProvider _clock;

    internal TenantErasure(Func<TenantId, TenantDbContext> contextFor, IEnumerable<string> except, BeforeErasure? before, TimeProvider clock)
    {
        (_contextFor, _before, _clock) = (contextFor, before, clock);
        using var context = contextFor(TenantId.None);
        _tables = [.. TablesOf(context.Model).Except(except, StringComparer.Ordinal)];
    }

    /// <summary>All of the caller's tenant. The answer is how many rows there were.</summary>
    /// <param name="caller">Who asks for it: the audit names them.</param>
    /// <param name="requestedAt">When a person asked for it.</param>
    /// <param name="cancellationToken">Ends it between two statements.</param>
    public async Task<Result<long>> EraseAsync(Caller caller, DateTimeOffset requestedAt, CancellationToken cancellationToken)
    {
        if (_before is not null && await _before.PrepareAsync(caller, requestedAt, cancellationToken) is { } notYet)
        {
            return notYet;
        }

        await using var context = _contextFor(caller.Tenant);
        await context.Database.OpenConnectionAsync(cancellationToken);
        var connection = (NpgsqlConnection)context.Database.GetDbConnection();
        var rows = 0L;
        foreach (var table in _tables)
        {
            rows += await EraseAsync(connection, table, caller.Tenant, cancellationToken);
        }

        if (rows > 0)
        {
            context.Audit(AuditEntry.Of(caller, _clock.GetUtcNow(), Action, $"tenant:{caller.Tenant}", new { rows }));
            await context.SaveChangesAsync(cancellationToken);
        }

        return rows;
    }

    private static async Task<long> EraseAsync(NpgsqlConnection connection, string table, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            DELETE FROM "{table}"
            WHERE ctid = ANY (ARRAY(SELECT ctid FROM "{table}" WHERE {TenantColumn} = $1 LIMIT {AtOnce}))
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = tenant.Value });
        var rows = 0L;
        while (true)
        {
            var deleted = await command.ExecuteNonQueryAsync(cancellationToken);
            if (deleted == 0)
            {
                return rows;
            }

            rows += deleted;
        }
    }

    // what refers to others first: nothing large hangs on the one row that it belongs to
    private static List<string> TablesOf(IModel model)
    {
        var left = model.GetEntityTypes()
            .Where(type => type.GetProperties().Any(property => property.GetColumnName() == TenantColumn))
            .Where(type => !type.GetTableName()!.StartsWith(AuditTables, StringComparison.Ordinal))
            .ToList();
        var tables = new List<string>();
        while (left.Count > 0)
        {
            var free = left.FindAll(type => !left.Exists(other => other != type && other.GetForeignKeys().Any(key => key.PrincipalEntityType == type)));
            if (free.Count == 0)
            {
                throw new InvalidOperationException($"The tables {string.Join(", ", left.Select(type => type.GetTableName()))} refer to each other in a circle.");
            }

            tables.AddRange(free.Select(type => type.GetTableName()!));
            left.RemoveAll(free.Contains);
        }

        return tables;
    }
}

/// <summary>What a service does for a tenant that goes before its rows do.</summary>
/// <param name="PrepareAsync">Told who asks and since when; answers what must still be waited for, null where that is nothing.</param>
public sealed record BeforeErasure(Func<Caller, DateTimeOffset, CancellationToken, Task<Failure?>> PrepareAsync);
