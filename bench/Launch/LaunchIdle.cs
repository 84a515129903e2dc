using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Launch;

/// <summary>How long a launch takes, and what the platform costs while nobody asks it for anything.</summary>
internal static partial class LaunchIdle
{
    private static readonly TimeSpan Settles = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(2);

    public static Task<IReadOnlyList<Figure>> MeasureAsync(int rounds) => Figure.OfRoundsAsync(rounds, MeasureAsync);

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var state = Directory.CreateTempSubdirectory("zoho-platform-bench").FullName;
        try
        {
            double first, again;
            await using (var launch = DebugLaunch.Start(state))
            {
                (first, _) = await DebugLaunch.ReadyAsync(launch);
                launch.Send("INT");
                await launch.EndAsync();
            }

            await using (var launch = DebugLaunch.Start(state))
            {
                (again, var table) = await DebugLaunch.ReadyAsync(launch);
                var idle = await WatchAsync(state, DebugLaunch.AddressOf(table, "postgres").Port);
                launch.Send("INT");
                await launch.EndAsync();
                return
                [
                    new("first launch to Ready", "s", [first]),
                    new("launch to Ready", "s", [again], new Target(AtMost: 15)),
                    .. idle,
                ];
            }
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> WatchAsync(string state, int postgresPort)
    {
        using var parameters = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(state, "parameters.json")));
        await using var postgres = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = postgresPort,
            Username = "postgres",
            Password = parameters.RootElement.GetProperty("postgres-password").GetString(),
            Pooling = false,
        });
        var processes = DebugLaunch.Services();
        await Task.Delay(Settles);
        await RunAsync(postgres, "ALTER SYSTEM SET log_statement = 'all'");
        await RunAsync(postgres, "SELECT pg_reload_conf()");
        var log = new FileInfo(Path.Combine(state, "logs", "postgres.log"));
        await Eventually.GetAsync(() => ReadAsync(log), said => said.Contains("\"log_statement\" changed", StringComparison.Ordinal));
        var before = (await ReadAsync(log)).Length;
        var cpu = processes.Select(DebugLaunch.CpuOf).ToList();

        await Task.Delay(Watched);

        var statements = Statement().Count((await ReadAsync(log))[before..]);
        return
        [
            new("idle statements", "1/min", [statements / Watched.TotalMinutes], new Target(AtMost: 60)),
            .. processes.Select((process, i) => new Figure(
                $"idle {process.ProcessName}, of a core", "%", [100 * (DebugLaunch.CpuOf(process) - cpu[i]) / Watched], new Target(AtMost: 1))),
            .. processes.Select(process => new Figure($"idle {process.ProcessName}, working set", "MB", [process.WorkingSet64 / 1e6])),
        ];
    }

    private static async Task RunAsync(NpgsqlDataSource postgres, string sql)
    {
        await using var command = postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> ReadAsync(FileInfo log)
    {
        await using var file = new FileStream(log.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex("LOG: +(statement|execute [^:]*):", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Statement();
}
