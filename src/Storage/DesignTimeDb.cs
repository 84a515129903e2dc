using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>How <c>dotnet ef</c> opens a context: without a database, a configuration or a host. Each context has one that derives from it.</summary>
public abstract class DesignTimeDb<TContext>(Func<DbContextOptions<TContext>, TenantId, TContext> create) : IDesignTimeDbContextFactory<TContext>
    where TContext : TenantDbContext
{
    public TContext CreateDbContext(string[] args) => create(new DbContextOptionsBuilder<TContext>().UseNpgsql().Build(), TenantId.None);
}
