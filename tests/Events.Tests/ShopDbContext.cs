using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Events.Tests;

/// <summary>The smallest service that tells something: one table of its own, and the outbox.</summary>
internal sealed class ShopDbContext(DbContextOptions<ShopDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Sale> Sales => Set<Sale>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Sale>().HasKey(sale => new { sale.TenantId, sale.Id });
        modelBuilder.AddEventOutbox();
    }
}

internal sealed class ShopDatabase() : ServiceDatabase<ShopDbContext>("shop", (options, tenant) => new ShopDbContext(options, tenant));

internal sealed class Sale
{
    public required TenantId TenantId { get; init; }

    public required int Id { get; init; }
}
