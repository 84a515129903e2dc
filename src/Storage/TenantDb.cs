using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>Opens contexts for a tenant. The tenant is always named by the caller: there is no ambient one to be wrong about.</summary>
public sealed class TenantDb<TContext>
    where TContext : TenantDbContext
{
    private readonly StoragePools _pools;
    private readonly Func<DbContextOptions<TContext>, TenantId, TContext> _create;
    private readonly DbContextOptions<TContext> _options;

    internal TenantDb(StoragePools pools, TenantStatements statements, Func<DbContextOptions<TContext>, TenantId, TContext> create)
    {
        (_pools, Statements, _create) = (pools, statements, create);
        _options = new DbContextOptionsBuilder<TContext>().UseNpgsql().AddInterceptors(new ReadOnlyServer(pools)).Build();
    }

    /// <summary>The database under the context, for SQL that Entity Framework cannot say. Its connections belong to no tenant.</summary>
    public NpgsqlDataSource DataSource => _pools.Contexts;

    /// <summary>Single statements for a tenant, without a context.</summary>
    public TenantStatements Statements { get; }

    /// <summary>
    /// A context that sees <paramref name="tenant"/>'s rows. From its first use on it has a connection, until the caller disposes it: it must
    /// not live across a wait for anything but the database.
    /// </summary>
    public TContext For(TenantId tenant) => For(tenant, owner: null);

    /// <summary>As <see cref="For(TenantId)"/>, narrowed to the rows of the caller's owner, where a table has owners and the caller is bound to one.</summary>
    public TContext For(Caller caller) => For(caller.Tenant, caller.Owner);

    private TContext For(TenantId tenant, string? owner)
    {
        var context = _create(_options, tenant);
        context.Database.SetDbConnection(_pools.Contexts.CreateConnection(), contextOwnsConnection: true);
        context.Owner = owner;
        context.Places = _pools.PlacesOf(tenant);
        // two statements around every write in a transaction, for going on after one that failed: nobody does
        context.Database.AutoSavepointsEnabled = false;
        return context;
    }

    /// <summary>As <see cref="For(TenantId)"/>, of no tenant: it sees only the tables that carry no tenant's content (queues, directories, key rings).</summary>
    public TContext ForNoTenant() => For(TenantId.None);
}
