using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Somebody's database server: the tests' own, on another port than the one on which the service has its own databases.</summary>
internal static class SourceServer
{
    private static readonly Lazy<Task<Line>> Started = new(StartAsync);

    public static async Task<int> PortAsync() => (await Started.Value).Port;

    /// <summary>An empty database there.</summary>
    public static async Task<string> CreateDatabaseAsync() =>
        new NpgsqlConnectionStringBuilder(await (await TestServers.Shared).CreateDatabaseAsync()) { Port = await PortAsync() }.ConnectionString;

    /// <summary>A way of its own to the server.</summary>
    public static async Task<Line> StartAsync()
    {
        var server = new NpgsqlConnectionStringBuilder((await TestServers.Shared).Postgres);
        return new Line($"{server.Host}:{server.Port}");
    }
}
