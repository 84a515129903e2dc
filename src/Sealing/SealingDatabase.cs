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
        await using var command = DataSource.CreateCommand("SELECT tenant_id FROM sealing_tenants");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tenants = new List<TenantId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tenants.Add(new TenantId(reader.GetGuid(0)));
        }

        return tenants;
    }
}
