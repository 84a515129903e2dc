using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sealing;

/// <summary>The database of the service that seals.</summary>
/// <param name="Service">The service's short name: what it seals opens in no other.</param>
/// <param name="DataSource">Belongs to no tenant.</param>
/// <param name="For">A context of a tenant.</param>
internal sealed record SealingDatabase(string Service, NpgsqlDataSource DataSource, Func<TenantId, TenantDbContext> For)
{
    /// <summary>All that have a value in a sealed column, and some that had one.</summary>
    public async Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken cancellationToken)
    {
        await using var context = For(TenantId.None);
        return await context.SealingTenantsAsync(cancellationToken);
    }
}
