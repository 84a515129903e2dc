using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.Erasure;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.Tenants;

internal sealed class TenantStore(TenantDb<GatewayDbContext> database, ApiKeyVerifier verifier, TimeProvider clock)
{
    /// <summary>The queue of tenants that are being deleted; an item's id is the tenant's.</summary>
    public const string Erasures = "tenant_erasures";

    public static readonly Failure NotFound = new(FailureKind.NotFound, "tenant_not_found", "There is no such tenant.");

    private static readonly Failure IsPlatforms = new(
        FailureKind.Conflict, "tenant_of_platform_key", "This is the platform key's own tenant (Bootstrap:Tenant): it cannot be deleted.");

    public static readonly Failure IsDeleting = new(
        FailureKind.Conflict, "tenant_deleting", "This tenant is being deleted: make another one.");

    private static readonly Failure Exists = new(FailureKind.Conflict, "tenant_exists", "There is a tenant of that name already.");

    public async Task<Result<Tenant>> CreateAsync(Caller creator, string name, CancellationToken cancellationToken)
    {
        var tenant = new Tenant { Id = new TenantId(Guid.CreateVersion7(clock.GetUtcNow())), Name = name, CreatedAt = clock.GetUtcNow() };
        // told to the tenant whose key may make others
        await using var context = database.For(creator.Tenant);
        context.Tenants.Add(tenant);
        context.Audit(AuditEntry.Of(creator, tenant.CreatedAt, AuditActions.TenantCreated, $"tenant:{tenant.Id}", new { name }));
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return tenant;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Exists;
        }
    }

    /// <summary>The tenant of that name, made where there is none.</summary>
    public async Task<Tenant> EnsureAsync(string name, CancellationToken cancellationToken)
    {
        var (id, now) = (new TenantId(Guid.CreateVersion7(clock.GetUtcNow())), clock.GetUtcNow());
        await using var context = database.For(id);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // two replicas may start at once
        if (await context.Database.ExecuteSqlAsync(
            $"INSERT INTO tenants (id, name, created_at) VALUES ({id.Value}, {name}, {now}) ON CONFLICT (name) DO NOTHING", cancellationToken) == 1)
        {
            context.Audit(AuditEntry.Of(id, now, $"service:{ServiceCalls.Service}", AuditActions.TenantCreated, $"tenant:{id}", new { name }));
            await context.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return await context.Tenants.AsNoTracking().SingleAsync(tenant => tenant.Name == name, cancellationToken);
    }

    public async Task<IReadOnlyList<Tenant>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        return await context.Tenants.AsNoTracking().OrderBy(tenant => tenant.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<Tenant> GetAsync(TenantId id, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        return await context.Tenants.AsNoTracking().SingleAsync(tenant => tenant.Id == id, cancellationToken);
    }

    /// <summary>Null where something may be made for the tenant; else why not.</summary>
    public async Task<Failure?> CheckAsync(TenantId id, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        return await context.Tenants.AsNoTracking().SingleOrDefaultAsync(tenant => tenant.Id == id, cancellationToken) switch
        {
            null => NotFound,
            { DeletingSince: not null } => IsDeleting,
            _ => null,
        };
    }

    /// <summary>
    /// Ends a tenant: its keys open nothing from now on, but for what replicas remember of them, and what the platform keeps of it is erased
    /// by <c>TenantEraser</c>. Asked again, it answers the same until nothing is left.
    /// </summary>
    public async Task<Result<Tenant>> DeleteAsync(Caller caller, TenantId id, CancellationToken cancellationToken)
    {
        if (id == caller.Tenant)
        {
            return IsPlatforms;
        }

        var now = clock.GetUtcNow();
        await using var context = database.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Tenants.FromSql($"SELECT * FROM tenants WHERE id = {id.Value} FOR UPDATE").SingleOrDefaultAsync(cancellationToken) is not { } tenant)
        {
            return NotFound;
        }

        if (tenant.DeletingSince is not null)
        {
            return tenant;
        }

        (tenant.DeletingSince, tenant.DeletedFor) = (now, caller.Tenant);
        var keys = await context.ApiKeyTenants.Where(entry => entry.TenantId == id).Select(entry => entry.KeyId).ToListAsync(cancellationToken);
        await context.ApiKeyTenants.Where(entry => entry.TenantId == id).ExecuteDeleteAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO tenant_erasures (tenant_id, id, due_at) VALUES ({id.Value}, {id.Value}, {now})", cancellationToken);
        context.Audit(AuditEntry.Of(caller, now, AuditActions.TenantDeleted, $"tenant:{id}", new { }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        keys.ForEach(verifier.Forget);
        return tenant;
    }

    /// <summary>Null where it is gone.</summary>
    public async Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        return await context.Tenants.AsNoTracking().SingleOrDefaultAsync(tenant => tenant.Id == id, cancellationToken);
    }

    /// <summary>Takes the tenant itself out, when nothing is left of it; false where another replica goes on with that.</summary>
    public async Task<bool> RemoveAsync(Tenant tenant, WorkQueue queue, WorkItem item, CancellationToken cancellationToken)
    {
        var told = tenant.DeletedFor!.Value;
        await using var context = database.For(told);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Tenants.Where(one => one.Id == tenant.Id).ExecuteDeleteAsync(cancellationToken);
        context.Audit(AuditEntry.Of(
            told, clock.GetUtcNow(), $"service:{ServiceCalls.Service}", TenantErasure.Action, $"tenant:{tenant.Id}", new { }));
        await context.SaveChangesAsync(cancellationToken);
        if (!await queue.CompleteAsync(context, item, cancellationToken))
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
