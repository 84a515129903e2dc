using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// Runs single statements for a tenant, for what is asked often and needs no context: each is one round trip and one transaction, in which
/// the tenant is said first, for that transaction alone. Row level security filters as it does under a context.
/// </summary>
/// <remarks>
/// A connection goes back to the pool as it came, without a tenant: it needs no reset, which would be a statement more for each use, and
/// has none. So nobody gets a connection of it, and no statement may leave anything behind in its session: no SET but LOCAL, no lock but a
/// transaction's.
/// </remarks>
public sealed class TenantStatements
{
    /// <summary>
    /// Begins a statement that says its tenant, <c>$1</c>, itself: what it reads and writes must come out of <c>tenant</c>, as an insert
    /// from it or a LATERAL subquery with a LIMIT does. What is looked at before that belongs to no tenant, and is not found.
    /// </summary>
    public const string OfTenant = "WITH tenant AS MATERIALIZED (SELECT set_config('app.tenant_id', $1, true)::uuid AS id)";

    private readonly StoragePools _pools;

    internal TenantStatements(StoragePools pools) => _pools = pools;

    /// <summary>A text that may be null, of which PostgreSQL must know that it is one.</summary>
    public static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A command of no tenant, with a connection for as long as it runs.</summary>
    public NpgsqlCommand CreateCommand(string sql) => _pools.Statements.CreateCommand(sql);

    /// <summary>Runs a statement with the parameters <c>$1</c>, <c>$2</c>...; the answer is how many rows it touched.</summary>
    public async Task<int> RunAsync(TenantId tenant, string sql, object?[] parameters, CancellationToken cancellationToken)
    {
        using var place = await _pools.TakeForStatementAsync(tenant, cancellationToken);
        await using var batch = BatchOf(tenant, sql, parameters);
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The one row that a statement answers with; the default where it has none.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task<T?> FindAsync<T>(
        TenantId tenant, string sql, object?[] parameters, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        using var place = await _pools.TakeForStatementAsync(tenant, cancellationToken);
        await using var batch = BatchOf(tenant, sql, parameters);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await FirstAsync(reader, row, cancellationToken);
    }

    /// <summary>Runs several statements in one round trip and one transaction.</summary>
    /// <param name="tenant">Whose rows they see.</param>
    /// <param name="steps">In this order.</param>
    /// <param name="row">Told of each row, and of which step it is.</param>
    public async Task RunAllAsync(TenantId tenant, IReadOnlyList<TenantStatement> steps, Action<int, NpgsqlDataReader> row)
    {
        using var place = await _pools.TakeForStatementAsync(tenant, CancellationToken.None);
        await using var batch = BatchOf(tenant, steps);
        await using var reader = await batch.ExecuteReaderAsync();
        for (var step = 0; await reader.NextResultAsync(); step++)
        {
            while (await reader.ReadAsync())
            {
                row(step, reader);
            }
        }
    }

    /// <summary>
    /// As <see cref="FindAsync"/>, for a statement that begins with <see cref="OfTenant"/>; its own parameters begin with <c>$2</c>.
    /// </summary>
    public async Task<T?> FindInOneAsync<T>(
        TenantId tenant, string sql, object?[] parameters, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        using var place = await _pools.TakeForStatementAsync(tenant, cancellationToken);
        await using var command = CreateCommand(sql);
        command.Parameters.Add(Text(tenant.ToString()));
        Add(command.Parameters, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await FirstAsync(reader, row, cancellationToken);
    }

    /// <inheritdoc cref="StoragePools.Clear"/>
    internal void Clear() => _pools.Clear();

    // one round trip without a transaction of its own is one transaction: PostgreSQL ends it with the batch, and the setting with it
    private NpgsqlBatch BatchOf(TenantId tenant, string sql, object?[] parameters) => BatchOf(tenant, [new TenantStatement(sql, parameters)]);

    private NpgsqlBatch BatchOf(TenantId tenant, IReadOnlyList<TenantStatement> steps)
    {
        var batch = _pools.Statements.CreateBatch();
        var say = new NpgsqlBatchCommand("SELECT set_config('app.tenant_id', $1, true)");
        say.Parameters.Add(Text(tenant.ToString()));
        batch.BatchCommands.Add(say);
        foreach (var step in steps)
        {
            var statement = new NpgsqlBatchCommand(step.Sql);
            Add(statement.Parameters, step.Parameters);
            batch.BatchCommands.Add(statement);
        }

        return batch;
    }

    private static async Task<T?> FirstAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        var first = await reader.ReadAsync(cancellationToken) ? row(reader) : default;
        // rows come before the transaction is committed, and what fails there would be lost with the reader
        await reader.NextResultAsync(cancellationToken);
        return first;
    }

    private static void Add(NpgsqlParameterCollection to, object?[] parameters)
    {
        foreach (var value in parameters)
        {
            to.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}

/// <summary>One of several statements that are run together.</summary>
/// <param name="Sql">With the parameters <c>$1</c>, <c>$2</c>...</param>
/// <param name="Parameters">Their values.</param>
public sealed record TenantStatement(string Sql, object?[] Parameters);
