using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>The keys of all tenants: made, listed, deleted and found by their id.</summary>
internal sealed class ApiKeyStore(TenantDb<GatewayDbContext> database, KeyDirectory directory, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan LastUsedPrecision = TimeSpan.FromMinutes(5);

    /// <summary>The key that manages tenants. It comes from configuration alone: nothing in the API makes or deletes it.</summary>
    public const string PlatformKeyId = "bootstrap";

    /// <summary>Of one tenant, those that have expired too: each has its own limit of requests.</summary>
    public const int MostOfATenant = 100;

    private static readonly Failure TooMany = new(
        FailureKind.Conflict,
        "too_many_keys",
        $"A tenant has at most {MostOfATenant} keys: delete one that is not needed, or has expired, first.");

    private static readonly Failure NotFound = new(FailureKind.NotFound, "key_not_found", "There is no such key.");
    private static readonly Failure LastAdmin = new(
        FailureKind.Conflict, "last_admin_key", "This is the last admin key of its tenant: make another one first, then delete this one.");
    private static readonly Failure Configured = new(
        FailureKind.Conflict, "key_is_configured", "This key comes from the setting Bootstrap:AdminKey: change it there.");

    // where all callers come at once, as after a restart, a connection for each of them would cost far more than these few reads
    private const int LooksAtOnce = 8;

    private readonly SemaphoreSlim _looks = new(LooksAtOnce);

    public async Task<Result<(ApiKey Key, ApiKeyText Text)>> CreateAsync(
        TenantId tenant, WantedApiKey wanted, Caller creator, CancellationToken cancellationToken)
    {
        var text = ApiKeyText.Create();
        var key = new ApiKey
        {
            TenantId = tenant,
            Id = text.Id,
            Name = wanted.Name,
            Role = wanted.Role,
            SecretSha256 = text.SecretSha256,
            CreatedAt = clock.GetUtcNow(),
            CreatedBy = creator.Subject,
            ExpiresAt = wanted.ExpiresAt,
            Owner = wanted.Owner,
            Permissions = [.. wanted.Connections.Select(connection => Permissions.Of(Permissions.TokensRead, connection))],
        };
        await using var context = database.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // two that are made at once do not both find room for the last one
        await context.LockAsync($"keys of {tenant}", cancellationToken);
        // one that is being deleted makes no other, also with a key that is remembered for a moment
        if (await context.Tenants.FromSql($"SELECT * FROM tenants WHERE id = {tenant.Value} FOR SHARE").AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken) is not { DeletingSince: null })
        {
            return TenantStore.IsDeleting;
        }

        if (await context.ApiKeys.CountAsync(cancellationToken) >= MostOfATenant)
        {
            return TooMany;
        }

        context.ApiKeyTenants.Add(new ApiKeyTenant { KeyId = key.Id, TenantId = tenant });
        context.ApiKeys.Add(key);
        // of the tenant whose key it is, whoever made it
        context.Audit(AuditEntry.Of(
            creator with { Tenant = tenant }, key.CreatedAt, AuditActions.KeyCreated, ApiKeyVerifier.Subject(key.Id), key.ForAudit));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (key, text);
    }

    public async Task<IReadOnlyList<ApiKey>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = database.For(tenant);
        return await context.ApiKeys.AsNoTracking().OrderBy(key => key.CreatedAt).ThenBy(key => key.Id).ToListAsync(cancellationToken);
    }

    /// <summary>The key with this id, whichever tenant it belongs to; null where there is none.</summary>
    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (await directory.FindAsync(id, cancellationToken) is not { } tenant)
        {
            return null;
        }

        return await InTurnAsync(
            tenant,
            context => context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellationToken),
            cancellationToken);
    }

    public async Task NoteUseAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (key.LastUsedAt is { } last && now - last < LastUsedPrecision)
        {
            return;
        }

        await InTurnAsync(
            key.TenantId,
            context => context.ApiKeys.Where(k => k.Id == key.Id)
                .ExecuteUpdateAsync(update => update.SetProperty(k => k.LastUsedAt, now), cancellationToken),
            cancellationToken);
    }

    /// <summary>The caller's tenant's key with this id.</summary>
    public async Task<Result<ApiKey>> GetAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        await using var context = database.For(tenant);
        return await context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellationToken) is { } found ? found : NotFound;
    }

    public async Task<Result<ApiKey>> RenameAsync(Caller caller, string id, string name, CancellationToken cancellationToken)
    {
        if (id == PlatformKeyId)
        {
            return Configured;
        }

        return await ChangeAsync(
            caller,
            id,
            key =>
            {
                var before = key.Name;
                key.Name = name;
                return (AuditActions.KeyRenamed, new { before, after = name });
            },
            cancellationToken);
    }

    /// <summary>A new secret; the present one opens beside it until the overlap is over, and one that was before it ends now.</summary>
    public async Task<Result<(ApiKey Key, ApiKeyText Text)>> RotateAsync(
        Caller caller, string id, TimeSpan overlap, CancellationToken cancellationToken)
    {
        if (id == PlatformKeyId)
        {
            return Configured;
        }

        var text = ApiKeyText.CreateFor(id);
        var rotated = await ChangeAsync(
            caller,
            id,
            key =>
            {
                var endsAt = clock.GetUtcNow() + overlap;
                key.PreviousSha256 = overlap > TimeSpan.Zero ? key.SecretSha256 : null;
                key.PreviousEndsAt = overlap > TimeSpan.Zero ? endsAt : null;
                key.SecretSha256 = text.SecretSha256;
                return (AuditActions.KeyRotated, new { previous_ends_at = endsAt, secret = Convert.ToHexStringLower(text.SecretSha256)[..8] });
            },
            cancellationToken);
        return rotated.Succeeded(out var key, out var failure) ? (key, text) : failure;
    }

    /// <summary>Null when the key is gone now; else why not.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = database.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);

        // locked, so that two admins who delete each other's key at the same moment do not both find the other one alive
        var now = clock.GetUtcNow();
        var admins = await context.ApiKeys
            .FromSql($"SELECT * FROM api_keys WHERE role = 'Admin' ORDER BY id FOR UPDATE")
            .Where(key => key.ExpiresAt == null || key.ExpiresAt > now)
            .Select(key => key.Id)
            .ToListAsync(cancellationToken);
        if (id == PlatformKeyId && admins.Contains(id))
        {
            return Configured;
        }

        if (admins is [var last] && last == id)
        {
            return LastAdmin;
        }

        if (await context.ApiKeys.SingleOrDefaultAsync(key => key.Id == id, cancellationToken) is not { } deleted
            || await context.ApiKeys.Where(key => key.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return NotFound;
        }

        await context.ApiKeyTenants.Where(entry => entry.KeyId == id).ExecuteDeleteAsync(cancellationToken);
        context.Audit(AuditEntry.Of(caller, now, AuditActions.KeyDeleted, ApiKeyVerifier.Subject(id), deleted.ForAudit));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    public void Dispose() => _looks.Dispose();

    private async Task<Result<ApiKey>> ChangeAsync(
        Caller caller, string id, Func<ApiKey, (string Action, object Details)> change, CancellationToken cancellationToken)
    {
        await using var context = database.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two changes at once the second one goes on from the first
        if (await context.ApiKeys.FromSql($"SELECT * FROM api_keys WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken) is not { } key)
        {
            return NotFound;
        }

        var (action, details) = change(key);
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, ApiKeyVerifier.Subject(id), details));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return key;
    }

    private async Task<T> InTurnAsync<T>(TenantId tenant, Func<GatewayDbContext, Task<T>> ask, CancellationToken cancellationToken)
    {
        await _looks.WaitAsync(cancellationToken);
        try
        {
            await using var context = database.For(tenant);
            return await ask(context);
        }
        finally
        {
            _looks.Release();
        }
    }
}
