using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;
using Npgsql;

namespace Aspire.Hosting.PostgreSQL;

/// <summary>A private PostgreSQL: where its binaries are, whose process it is, how its data begin.</summary>
internal static class PostgresServer
{
    private const string ServiceUser = "postgres";
    private const int OldestMajor = 15;

    /// <summary>Fast shutdown: sessions end, nothing is lost (PostgreSQL, Shutting Down the Server).</summary>
    private const int StopSignal = Signals.Interrupt;
    private const int StopSeconds = 20;

    public static async Task<ProcessSpec?> PrepareAsync(
        PostgresServerResource server, ResourceInstance instance, StateFolder state, CancellationToken ct)
    {
        if (server.Configured() is not null || (server.Hosted.Count > 0 && server.Hosted.All(d => d.Configured() is not null)))
        {
            return null;
        }
        var binaries = FindBinaries();
        var isKept = server.DataDirectory is not null;
        var data = await DataFolder.PrepareAsync(
            server.DataDirectory ?? state.ScratchFor(server.Name), Signals.IsRoot ? ServiceUser : null, instance, ct);

        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            var password = await server.PasswordParameter.GetValueAsync(ct) ?? "";
            // the password's file must belong to the server's user and be gone afterwards
            const string Script = "umask 077; pw=$(mktemp) || exit; trap 'rm -f \"$pw\"' EXIT; cat > \"$pw\"; \"$@\" --pwfile=\"$pw\"";
            await Command.RunAsync(
                [.. AsServiceUser, "sh", "-c", Script, "initdb", Path.Combine(binaries, "initdb"), "-D", data,
                    "--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
                password, $"'{server.Name}' could not make its data folder '{data}'", ct);
        }
        else if (File.ReadAllText(Path.Combine(data, "PG_VERSION")).Trim() is var version && version != MajorOf(binaries))
        {
            throw new DistributedApplicationException(
                $"The data in '{data}' are of PostgreSQL {version}, and the binaries in '{binaries}' are of {MajorOf(binaries)}. Install postgresql-{version}, or move the folder away.");
        }
        // the launch that left it is gone (the state folder saw to that), and its number may be anybody's by now
        File.Delete(Path.Combine(data, "postmaster.pid"));

        string[] settings =
        [
            "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={server.PrimaryEndpoint.Port}"),
            "unix_socket_directories=", "max_connections=300", "logging_collector=off", "log_destination=stderr",
            // data that nobody keeps need not survive a power cut
            .. isKept ? Array.Empty<string>() : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
        ];
        string[] command =
        [
            .. AsServiceUser, Path.Combine(binaries, "postgres"), "-D", data, .. settings.SelectMany(s => new[] { "-c", s }),
            .. await instance.ResolveArgsAsync(ct),
        ];
        return new(command[0], command[1..], "/", ServerEnvironment.With(await instance.ResolveEnvironmentAsync(RunMode, ct)), StopSignal,
            StopSeconds);
    }

    public static async Task<string?> AskAsync(IResourceWithConnectionString resource, CancellationToken ct)
    {
        if (resource is PostgresServerResource { Hosted.Count: > 0 } server && server.Configured() is null
            && server.Hosted.All(d => d.Configured() is not null))
        {
            return null;    // nothing runs: every database is somewhere else
        }
        var connectionString = await resource.GetConnectionStringAsync(ct);
        try
        {
            await using var connection = await OpenAsync(connectionString, database: null, ct);
            await using var query = new NpgsqlCommand("SELECT 1", connection);
            await query.ExecuteScalarAsync(ct);
            return null;
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new DistributedApplicationException(
                $"'{resource.Name}' refuses the password ({e.MessageText}). Its data were made with another one: bring back parameters.json of the state folder, or remove the data folder too.");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return $"no answer from PostgreSQL: {e.Message}";
        }
    }

    public static async Task CreateMissingAsync(PostgresDatabaseResource database, CancellationToken ct)
    {
        if (database.Configured() is not null)
        {
            return;
        }
        await using var connection = await OpenAsync(await ((IValueProvider)database.Parent).GetValueAsync(ct), "postgres", ct);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        exists.Parameters.Add(new() { Value = database.DatabaseName });
        if (await exists.ExecuteScalarAsync(ct) is null)
        {
            using var quoting = new NpgsqlCommandBuilder();
            await using var create = new NpgsqlCommand($"CREATE DATABASE {quoting.QuoteIdentifier(database.DatabaseName)}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }

    private static DistributedApplicationExecutionContext RunMode { get; } = new(DistributedApplicationOperation.Run);

    /// <summary>PostgreSQL refuses to run as root; setpriv gives the process to its user without standing in between.</summary>
    private static string[] AsServiceUser =>
        Signals.IsRoot ? ["setpriv", $"--reuid={ServiceUser}", $"--regid={ServiceUser}", "--init-groups", "--"] : [];

    private static async Task<NpgsqlConnection> OpenAsync(string? connectionString, string? database, CancellationToken ct)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5, CommandTimeout = 5 };
        if (database is not null || settings.Database is null)
        {
            settings.Database = database ?? "postgres";
        }
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
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
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        var found = versions
            .Select(d => (
                Folder: Path.Combine(d, "bin"),
                Major: int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var major) ? major : 0))
            .Where(v => v.Major >= OldestMajor && File.Exists(Path.Combine(v.Folder, "initdb")))
            .OrderByDescending(v => v.Major)
            .Select(v => v.Folder)
            .Concat(Executables.InPath("initdb").Select(p => Path.GetDirectoryName(p)!))
            .FirstOrDefault(d => File.Exists(Path.Combine(d, "postgres")));

        return found ?? throw new DistributedApplicationException(
            $"PostgreSQL {OldestMajor} or later is not installed (no initdb in PATH or {Debian}). Run: sudo apt-get install postgresql");
    }

    private static string MajorOf(string binaries) => Path.GetFileName(Path.GetDirectoryName(binaries)!);
}
