using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ZohoPlatform.CampaignsService.Data;

/// <summary>SQL that Entity Framework cannot say, on a connection that works for the context's tenant.</summary>
internal static class TenantSql
{
    extension(CampaignsDbContext context)
    {
        /// <summary>The context's connection, open for its tenant until the context is disposed.</summary>
        public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
        {
            await context.Database.OpenConnectionAsync(cancellationToken);
            return (NpgsqlConnection)context.Database.GetDbConnection();
        }
    }

    extension(NpgsqlConnection connection)
    {
        /// <summary>
        /// A command whose parameters are <c>$1</c>, <c>$2</c>...; one that is an <see cref="NpgsqlParameter"/> is taken as it is.
        /// </summary>
        public NpgsqlCommand Command(string sql, ReadOnlySpan<object?> parameters)
        {
            var command = new NpgsqlCommand(sql, connection);
            foreach (var value in parameters)
            {
                command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
            }

            return command;
        }

        /// <summary>Runs a statement; the answer is how many rows it touched.</summary>
        public async Task<int> RunAsync(string sql, object?[] parameters, CancellationToken cancellationToken)
        {
            await using var command = connection.Command(sql, parameters);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        /// <summary>The one value that a query has.</summary>
        public async Task<T?> AskAsync<T>(string sql, object?[] parameters, CancellationToken cancellationToken)
        {
            await using var command = connection.Command(sql, parameters);
            return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
        }
    }
}
