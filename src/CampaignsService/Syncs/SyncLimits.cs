namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>What a tenant may keep of syncs, dry runs too, until they are deleted.</summary>
internal static class SyncLimits
{
    public const int OfATenant = 1_000;

    /// <summary>Of all of their ledgers: as many as their sources have rows.</summary>
    public const long RowsOfATenant = 10_000_000;
}
