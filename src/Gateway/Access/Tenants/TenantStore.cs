using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.Audit;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.Tenants;

internal sealed class TenantStore(TenantDb<GatewayDbContext> database, TimeProvider clock)
{
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

    public async Task<bool> ExistsAsync(TenantId id, CancellationToken cancellationToken)
    {
        await using var context = database.ForNoTenant();
        return await context.Tenants.AnyAsync(tenant => tenant.Id == id, cancellationToken);
    }
}
