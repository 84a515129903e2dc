namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>Where syncs may read tables from. Bound from <c>Sources</c>.</summary>
internal sealed class SourceOptions
{
    public const string Section = "Sources";

    /// <summary>
    /// Database servers that a sync may connect to, by name or address, comma separated. With none, tables cannot be a source: whoever may
    /// create a sync could otherwise make the platform knock at any door of its network.
    /// </summary>
    public string Hosts { get; set; } = "";

    public IReadOnlyList<string> AllowedHosts => Hosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
