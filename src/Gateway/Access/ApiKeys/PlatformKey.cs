using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZohoPlatform.Audit;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>Before the first request: the tenant <c>demo</c> and the platform key as configured, and the key's file.</summary>
internal sealed partial class PlatformKey(
    IOptions<PlatformKeyOptions> options,
    TenantStore tenants,
    KeyDirectory directory,
    TenantDb<GatewayDbContext> database,
    TimeProvider clock,
    ILogger<PlatformKey> logger)
    : IHostedService
{
    /// <summary>The tenant whose admin key it also is.</summary>
    public const string TenantName = "demo";

    private const string Actor = $"service:{ServiceCalls.Service}";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.AdminKey is not { } secret)
        {
            await RemoveAsync(cancellationToken);
            return;
        }

        var text = new ApiKeyText(ApiKeyStore.PlatformKeyId, secret);
        var tenant = await tenants.EnsureAsync(TenantName, cancellationToken);
        await SetAsync(tenant.Id, text, cancellationToken);
        if (options.Value.EnvFile is { } path)
        {
            var url = options.Value.Url is { } address ? $"ZOHO_PLATFORM_URL={address}\n" : "";
            Write(path, $"ZOHO_PLATFORM_API_KEY={text.Reveal()}\n{url}");
            LogWritten(path);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SetAsync(TenantId tenant, ApiKeyText text, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = database.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // two replicas may start at once: one of them finds the key set, and has nothing to tell
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO api_key_directory (key_id, tenant_id) VALUES ({text.Id}, {tenant.Value})
            ON CONFLICT (key_id) DO NOTHING
            """,
            cancellationToken);
        var before = await context.ApiKeys.FromSql($"SELECT * FROM api_keys WHERE id = {text.Id} FOR UPDATE")
            .AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var changed = await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO api_keys AS known (tenant_id, id, name, role, secret_sha256, created_at, created_by, permissions)
            VALUES ({tenant.Value}, {text.Id}, {"platform key"}, {nameof(Role.Admin)}, {text.SecretSha256}, {now}, {Actor}, {Array.Empty<string>()})
            ON CONFLICT (tenant_id, id) DO UPDATE SET secret_sha256 = EXCLUDED.secret_sha256
            WHERE known.secret_sha256 <> EXCLUDED.secret_sha256
            """,
            cancellationToken);
        if (changed > 0)
        {
            context.Audit(AuditEntry.Of(
                tenant, now, Actor, before is null ? AuditActions.KeyCreated : AuditActions.KeyReplaced, ApiKeyVerifier.Subject(text.Id),
                new { before = FingerprintOf(before?.SecretSha256), after = FingerprintOf(text.SecretSha256) }));
            await context.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    // no AdminKey any more: the old one must neither go on working nor count as an admin key of its tenant
    private async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (await directory.FindAsync(ApiKeyStore.PlatformKeyId, cancellationToken) is not { } tenant)
        {
            return;
        }

        await using var context = database.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var key = await context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(one => one.Id == ApiKeyStore.PlatformKeyId, cancellationToken);
        await context.ApiKeys.Where(one => one.Id == ApiKeyStore.PlatformKeyId).ExecuteDeleteAsync(cancellationToken);
        // another replica may have done it
        if (await context.ApiKeyTenants.Where(entry => entry.KeyId == ApiKeyStore.PlatformKeyId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return;
        }

        context.Audit(AuditEntry.Of(
            tenant, clock.GetUtcNow(), Actor, AuditActions.KeyDeleted, ApiKeyVerifier.Subject(ApiKeyStore.PlatformKeyId),
            new { before = FingerprintOf(key?.SecretSha256) }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogRemoved();
    }

    private static string? FingerprintOf(byte[]? sha256) => sha256 is null ? null : Convert.ToHexStringLower(sha256)[..8];

    private static void Write(string path, string content)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new StreamWriter(unfinished, create))
        {
            file.Write(content);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The platform key is in {Path}")]
    private partial void LogWritten(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Bootstrap:AdminKey is not set any more: the platform key no longer works")]
    private partial void LogRemoved();
}
