using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.Idempotency;

/// <summary>Which requests with an Idempotency-Key are running, and what those that succeeded answered.</summary>
internal sealed class IdempotencyStore(TenantDb<GatewayDbContext> database, TimeProvider clock)
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>A request that runs for longer is dead: its replica crashed. Twice the request's own time limit.</summary>
    public static readonly TimeSpan TakeOverAfter = TimeSpan.FromMinutes(1);

    public async Task<Claim> ClaimAsync(TenantId tenant, string key, byte[] requestSha256, CancellationToken cancellationToken)
    {
        var claim = Guid.NewGuid();
        var now = clock.GetUtcNow();
        var claimed = await database.Statements.RunAsync(
            tenant,
            """
            INSERT INTO idempotency_records AS known (tenant_id, key, request_sha256, claim, claimed_at, created_at)
            VALUES ($1, $2, $3, $4, $5, $5)
            ON CONFLICT (tenant_id, key) DO UPDATE
            SET request_sha256 = EXCLUDED.request_sha256, claim = EXCLUDED.claim, claimed_at = EXCLUDED.claimed_at, created_at = EXCLUDED.created_at,
                status = NULL, content_type = NULL, location = NULL, body = NULL
            WHERE known.created_at < $6
                OR (known.status IS NULL AND known.claimed_at < $7 AND known.request_sha256 = EXCLUDED.request_sha256)
            """,
            [tenant.Value, key, requestSha256, claim, now, now - Kept, now - TakeOverAfter],
            cancellationToken);
        if (claimed == 1)
        {
            return new Claim.Won(claim);
        }

        await using var context = database.For(tenant);
        var record = await context.Database
            .SqlQuery<Record>(
                $"""
                SELECT request_sha256, status, content_type, location, body
                FROM idempotency_records WHERE key = {key}
                """)
            .SingleOrDefaultAsync(cancellationToken);
        return record switch
        {
            // it failed or was cleaned away between the two statements: as good as running, the client tries again
            null => new Claim.Running(),
            _ when !CryptographicOperations.FixedTimeEquals(record.RequestSha256, requestSha256) => new Claim.OtherRequest(),
            { Status: null } => new Claim.Running(),
            { Status: { } status } => new Claim.Done(new StoredAnswer(status, record.ContentType, record.Location, record.Body)),
        };
    }

    /// <summary>Keeps the answer of a claim that is still held.</summary>
    public Task CompleteAsync(TenantId tenant, string key, Guid claim, StoredAnswer answer, CancellationToken cancellationToken) =>
        database.Statements.RunAsync(
            tenant,
            "UPDATE idempotency_records SET status = $3, content_type = $4, location = $5, body = $6 WHERE key = $1 AND claim = $2",
            [
                key,
                claim,
                answer.Status,
                TenantStatements.Text(answer.ContentType),
                TenantStatements.Text(answer.Location),
                new NpgsqlParameter { Value = (object?)answer.Body ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea },
            ],
            cancellationToken);

    /// <summary>Frees the key of a request that did not succeed, so that it can be mended and sent again.</summary>
    public Task ReleaseAsync(TenantId tenant, string key, Guid claim, CancellationToken cancellationToken) => database.Statements.RunAsync(
        tenant, "DELETE FROM idempotency_records WHERE key = $1 AND claim = $2", [key, claim], cancellationToken);

    /// <summary>Deletes the answers that told of these things, which are gone: their keys are as good as new.</summary>
    /// <param name="tenant">Whose they were.</param>
    /// <param name="locations">Where the things were, as the answers had it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ForgetAsync(TenantId tenant, IReadOnlyCollection<string> locations, CancellationToken cancellationToken) =>
        database.Statements.RunAsync(
            tenant, "DELETE FROM idempotency_records WHERE location = ANY($1)", [locations.ToArray()], cancellationToken);

    /// <summary>Deletes what is older than <see cref="Kept"/>, tenant by tenant.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        List<TenantId> tenants;
        await using (var directory = database.ForNoTenant())
        {
            tenants = await directory.Tenants.Select(tenant => tenant.Id).ToListAsync(cancellationToken);
        }

        var old = clock.GetUtcNow() - Kept;
        var deleted = 0;
        foreach (var tenant in tenants)
        {
            await using var context = database.For(tenant);
            deleted += await context.Database.ExecuteSqlAsync(
                $"DELETE FROM idempotency_records WHERE tenant_id = {tenant.Value} AND created_at < {old}", cancellationToken);
        }

        return deleted;
    }

    private sealed record Record(byte[] RequestSha256, int? Status, string? ContentType, string? Location, byte[]? Body);
}

/// <summary>What became of asking for a key.</summary>
internal abstract record Claim
{
    /// <summary>This request is the one to run.</summary>
    public sealed record Won(Guid Id) : Claim;

    /// <summary>The same request runs at this moment.</summary>
    public sealed record Running : Claim;

    /// <summary>The key stands for a different request.</summary>
    public sealed record OtherRequest : Claim;

    /// <summary>The same request succeeded before.</summary>
    public sealed record Done(StoredAnswer Answer) : Claim;
}

/// <summary>What is sent again. Body is null where the answer held a secret and was therefore not kept.</summary>
internal sealed record StoredAnswer(int Status, string? ContentType, string? Location, byte[]? Body);
