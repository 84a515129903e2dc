using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>Which syncs a caller looks for.</summary>
/// <param name="State">In this state; unspecified for any.</param>
/// <param name="Source">With this in the name of their source, in any case; null for any.</param>
/// <param name="CreatedBy">Made by this caller; null for anybody's.</param>
/// <param name="OldestFirst">Else the newest is.</param>
internal sealed record SyncFilter(SyncState State, string? Source, string? CreatedBy, bool OldestFirst);
