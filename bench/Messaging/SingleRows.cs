using Npgsql;
using ZohoPlatform.Bench.Tokens;

namespace ZohoPlatform.Bench.Messaging;

/// <summary>
/// The least that a message can cost a database: one INSERT in a transaction of its own into a table with the columns of <c>messages</c> and a primary
/// key, without its other indexes, its function, its conversation or its row level security. On the same server.
/// </summary>
internal sealed class SingleRows : IAsyncDisposable
{
    private const string Table =
        """
        CREATE SCHEMA bench;
        CREATE TABLE bench.messages (LIKE messages INCLUDING DEFAULTS, PRIMARY KEY (tenant_id, id))
        """;

    private const string Insert =
        """
        INSERT INTO bench.messages (
            tenant_id, id, conversation_id, external_id, source, direction, type, text, sent_at, received_at, status, sync_state, sync_code, sync_message,
            attempts, is_asked_for, is_stale, sequence, position)
        VALUES ($1, $2, $3, $4, 'key:bench', 1, 'text', $5, $6, $6, 0, 1, '', '', 0, false, false, $7, $7)
        """;

    private readonly List<Connection> _connections = [];
    private readonly Guid _tenant = Guid.CreateVersion7();
    private int _rows;

    /// <param name="database">With the table <c>messages</c>.</param>
    /// <param name="connections">The most that are used at once.</param>
    public static async Task<SingleRows> OpenAsync(NpgsqlDataSource database, int connections)
    {
        await using (var table = database.CreateCommand(Table))
        {
            await table.ExecuteNonQueryAsync();
        }

        var rows = new SingleRows();
        for (var i = 0; i < connections; i++)
        {
            rows._connections.Add(await Connection.OpenAsync(database));
        }

        return rows;
    }

    public async Task<Lap> RunAsync(int connections, int rows)
    {
        var first = _rows;
        _rows += rows;
        return await CallerLap.RunAsync(connections, rows, i => _connections[i % connections].InsertAsync(_tenant, first + i));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    private sealed class Connection : IAsyncDisposable
    {
        private readonly NpgsqlConnection _connection;
        private readonly NpgsqlCommand _insert;

        private Connection(NpgsqlConnection connection, NpgsqlCommand insert) => (_connection, _insert) = (connection, insert);

        public static async Task<Connection> OpenAsync(NpgsqlDataSource database)
        {
            var connection = await database.OpenConnectionAsync();
            var insert = new NpgsqlCommand(Insert, connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid>(), new NpgsqlParameter<Guid>(), new NpgsqlParameter<Guid>(), new NpgsqlParameter<string>(),
                    new NpgsqlParameter<string>(), new NpgsqlParameter<DateTime>(), new NpgsqlParameter<long>(),
                },
            };
            return new Connection(connection, insert);
        }

        public async Task<bool> InsertAsync(Guid tenant, int n)
        {
            object[] values = [tenant, Guid.CreateVersion7(), Guid.CreateVersion7(), $"row-{Guid.NewGuid():N}", Texts.Of(n), DateTime.UnixEpoch, (long)n];
            for (var i = 0; i < values.Length; i++)
            {
                _insert.Parameters[i].Value = values[i];
            }

            if (!_insert.IsPrepared)
            {
                await _insert.PrepareAsync();
            }

            return await _insert.ExecuteNonQueryAsync() == 1;
        }

        public async ValueTask DisposeAsync()
        {
            await _insert.DisposeAsync();
            await _connection.DisposeAsync();
        }
    }
}
