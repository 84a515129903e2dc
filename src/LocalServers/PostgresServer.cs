using System.Globalization;
using Npgsql;

namespace ZohoPlatform.LocalServers;

/// <summary>PostgreSQL 15 or later. Its superuser is <c>postgres</c> (scram-sha-256). Started by root it runs as the user <c>postgres</c>.</summary>
public sealed class PostgresServer(string name, DataFolder data, int port, string password) : LocalServer(name, data, port, password)
{
    private const string ServiceUser = "postgres";
    private const int OldestMajor = 15;

    public override string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Password = Password,
        // while it is down, another program on its port could ask for the password in clear
        RequireAuth = "ScramSHA256",
    }.ConnectionString;

    // PostgreSQL refuses to run as root
    private static string? RunAs => Environment.IsPrivilegedProcess ? ServiceUser : null;

    public override async Task<ServerCommand> PrepareAsync(CancellationToken cancellationToken)
    {
        var binaries = FindBinaries();
        var folder = await Data.PrepareAsync(RunAs, cancellationToken);
        var versionFile = Path.Combine(folder, "PG_VERSION");
        if (!File.Exists(versionFile))
        {
            if (Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new InvalidOperationException($"'{folder}' holds files that are no data of PostgreSQL. Move them away.");
            }

            // made beside and moved when it is whole: one that was cut off would never start
            var unfinished = $"{folder}.new";
            await DataFolder.MakeEmptyAsync(unfinished, RunAs, cancellationToken);
            // the password's file must belong to the server's user and be gone afterwards
            const string Script = "umask 077; pw=$(mktemp) || exit; trap 'rm -f \"$pw\"' EXIT; cat > \"$pw\"; \"$@\" --pwfile=\"$pw\"";
            await ShellCommand.RunAsync(
                [
                    "setpriv", .. ServerCommand.AsUser(RunAs), "--", "sh", "-c", Script, "initdb", Path.Combine(binaries, "initdb"), "-D", unfinished, "--username=postgres",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ],
                Password, $"'{Name}' could not make its data folder '{folder}'", cancellationToken);
            Directory.Delete(folder);
            Directory.Move(unfinished, folder);
        }
        else if ((await File.ReadAllTextAsync(versionFile, cancellationToken)).Trim() is var version
            && await MajorOfAsync(binaries, cancellationToken) is var major && version != major)
        {
            throw new InvalidOperationException(
                $"The data in '{folder}' are of PostgreSQL {version}, and the binaries in '{binaries}' are of {major}. "
                + $"Install postgresql-{version}, or move the folder away.");
        }

        await DataFolder.WaitForFormerAsync(folder, "postmaster.pid", cancellationToken);

        string[] settings =
        [
            "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={Port}"), "unix_socket_directories=",
            "max_connections=500", "logging_collector=off", "log_destination=stderr",
            .. Data.IsKept ? Array.Empty<string>() : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
        ];
        // INT is the fast shutdown; TERM, the smart one, waits until every session has left (PostgreSQL, Shutting Down the Server)
        return new ServerCommand(
            "INT",
            RunAs,
            [Path.Combine(binaries, "postgres"), "-D", folder, .. settings.SelectMany(setting => new[] { "-c", setting })]);
    }

    public override Task<string?> AskAsync(CancellationToken cancellationToken) => AskAsync("postgres", cancellationToken);

    /// <summary>As <see cref="AskAsync(CancellationToken)"/>, in one of its databases.</summary>
    public async Task<string?> AskAsync(string database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(database, cancellationToken);
            await using var query = new NpgsqlCommand("SELECT 1", connection);
            await query.ExecuteScalarAsync(cancellationToken);
            return null;
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new InvalidOperationException(
                $"'{Name}' refuses its password: the data in '{Data.Path}' were made with another one. Bring back the secrets that were kept "
                + "beside the data, or remove the data too.",
                e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return $"no answer from PostgreSQL: {e.Message}";
        }
    }

    /// <summary>Makes a database where the server does not have it.</summary>
    public async Task EnsureDatabaseAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync("postgres", cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        exists.Parameters.Add(new NpgsqlParameter { Value = database });
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            using var quoting = new NpgsqlCommandBuilder();
            await using var create = new NpgsqlCommand($"CREATE DATABASE {quoting.QuoteIdentifier(database)}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database, Pooling = false, Timeout = 5, CommandTimeout = 60 }
                .ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        var found = (Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [])
            .Select(folder => (
                Folder: Path.Combine(folder, "bin"),
                Major: int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var major) ? major : 0))
            .Where(version => version.Major >= OldestMajor && File.Exists(Path.Combine(version.Folder, "initdb")))
            .OrderByDescending(version => version.Major)
            .Select(version => version.Folder)
            .Append(Path.GetDirectoryName(ShellCommand.Find("initdb")) ?? "")
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")));

        return found ?? throw new InvalidOperationException(
            $"PostgreSQL {OldestMajor} or later is not installed (no initdb in PATH or {Debian}). Run: sudo apt-get install postgresql");
    }

    private static async Task<string> MajorOfAsync(string binaries, CancellationToken cancellationToken)
    {
        // "postgres (PostgreSQL) 15.18 (Debian ...)"
        var (_, said) = await ShellCommand.TryAsync([Path.Combine(binaries, "postgres"), "--version"], input: null, cancellationToken);
        return said.Split(' ').ElementAtOrDefault(2)?.Split('.')[0].Trim() ?? said;
    }
}
