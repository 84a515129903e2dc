using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>What a tenant may keep of syncs, dry runs too, until they are deleted.</summary>
internal static class SyncLimits
{
    public const int OfATenant = 1_000;

    /// <summary>Of all of their ledgers: as many as their sources have rows.</summary>
    public const long RowsOfATenant = 10_000_000;

    /// <summary>How many rows the tenant's other syncs have; deleted ones have theirs until they are gone.</summary>
    public static Task<long> RowsKeptAsync(CampaignsDbContext context, Guid except, CancellationToken cancellationToken) =>
        context.Syncs.IgnoreQueryFilters().Where(sync => sync.Id != except).SumAsync(sync => sync.Total, cancellationToken);
}
