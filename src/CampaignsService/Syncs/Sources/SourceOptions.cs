using System.Net;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>Where syncs may read tables from. Bound from <c>Sources</c>; a wrong value stops the start.</summary>
internal sealed class SourceOptions
{
    public const string Section = "Sources";

    /// <summary>
    /// Database servers that a sync may connect to, as <c>host:port</c>, comma separated. With none, tables cannot be a source: whoever may
    /// create a sync could otherwise make the platform knock at any door of its network.
    /// </summary>
    public string Hosts { get; set; } = "";

    /// <summary>What a server has to take a connection; less than a call has.</summary>
    public int ConnectSeconds { get; set; } = 5;

    public bool HasServers => Entries.Length > 0;

    public bool AreServers => Entries.All(entry => ServerOf(entry) is not null);

    private string[] Entries => Hosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public bool Names(string host, int port) => Entries.Select(ServerOf).Any(
        server => server?.Port == port && server.Host.Equals(host, StringComparison.OrdinalIgnoreCase));

    private static DnsEndPoint? ServerOf(string entry) =>
        Uri.TryCreate($"tcp://{entry}", UriKind.Absolute, out var server)
        && server is { Port: > 0, PathAndQuery: "" or "/", UserInfo: "", Fragment: "" }
            ? new DnsEndPoint(server.IdnHost, server.Port)
            : null;
}
