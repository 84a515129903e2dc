using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Events;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Gates;

/// <summary>
/// Keeps a tenant's waiting registrations back while nothing of it can be pushed, and lets them go: for the queue in <c>push_gates</c>, for
/// readers, with the reason, in <see cref="PushBlock"/>.
/// </summary>
internal static class PushGate
{
    /// <summary>The queue that it keeps back.</summary>
    public const string Queue = "registration_queue";

    /// <summary>
    /// Keeps all of the tenant's registrations back until <paramref name="opensAt"/>, in the transaction of <paramref name="context"/>.
    /// Nothing happens where another push closed the gate first, so that it has other <paramref name="failuresBefore"/>. What a person must set
    /// up is told once, until it is another thing or the gate was open in between. True where it was not kept back for this reason already.
    /// </summary>
    public static async Task<bool> CloseAsync(
        CampaignsDbContext context,
        RegistrationStatus status,
        Failure reason,
        DateTimeOffset now,
        DateTimeOffset opensAt,
        int failuresBefore,
        int failures,
        ProviderCall? through,
        CancellationToken cancellationToken)
    {
        var isClosed = await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO push_gates (tenant_id, opens_at, failures) VALUES ({context.Tenant.Value}, {opensAt}, {failures})
            ON CONFLICT (tenant_id) DO UPDATE SET opens_at = excluded.opens_at, failures = excluded.failures
            WHERE push_gates.failures = {failuresBefore}
            """,
            cancellationToken) == 1;
        if (!isClosed)
        {
            return false;
        }

        var isTold = await context.PushBlocks.AnyAsync(block => block.Status == status && block.Code == reason.Code, cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO push_blocks (tenant_id, status, code, message, until, asked_through)
            VALUES ({context.Tenant.Value}, {(int)status}, {reason.Code}, {reason.Message}, {opensAt}, {PushBlock.NameOf(through)})
            ON CONFLICT (tenant_id) DO UPDATE
            SET status = excluded.status, code = excluded.code, message = excluded.message, until = excluded.until,
                asked_through = excluded.asked_through
            """,
            cancellationToken);
        if (status is RegistrationStatus.NotConfigured && !isTold)
        {
            await context.RaiseAsync(
                EventCatalogue.RegistrationsBlocked, "registrations", new { code = reason.Code, message = reason.Message }, now, cancellationToken);
        }

        return !isTold;
    }

    /// <summary>
    /// Has one of the tenant's registrations try now whether what kept them back still stands. What Zoho itself answered is left alone as long as
    /// the same account is asked: a token that it refuses is replaced, and each replacement would have it asked again. True where there was
    /// something to try.
    /// </summary>
    /// <param name="context">Of the tenant.</param>
    /// <param name="now">The moment.</param>
    /// <param name="current">Finds what the tenant's Zoho is called with now; null where nothing is.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    public static async Task<bool> TryNowAsync(
        CampaignsDbContext context, DateTimeOffset now, Func<Task<ProviderCall?>> current, CancellationToken cancellationToken)
    {
        var stands = await context.PushBlocks.AsNoTracking().SingleOrDefaultAsync(
            block => block.Status == RegistrationStatus.NotConfigured && block.Until > now, cancellationToken);
        if (stands is null
            || (new Failure(FailureKind.Precondition, stands.Code, stands.Message).IsAnswerOfCampaigns
                && stands.AskedThrough == PushBlock.NameOf(await current())))
        {
            return false;
        }

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var block = await context.PushBlocks.SingleOrDefaultAsync(
            block => block.Status == RegistrationStatus.NotConfigured && block.Until > now, cancellationToken);
        if (block is null)
        {
            return false;
        }

        block.Until = now;
        await context.SaveChangesAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"UPDATE push_gates SET opens_at = {now} WHERE tenant_id = {context.Tenant.Value} AND opens_at > {now}", cancellationToken);
        await WorkQueue.NotifyAsync(context, Queue, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>What <see cref="OpenAsync"/> does but for its word to the queue, as parts of a statement in which <c>tried</c> has the tenants.</summary>
    public const string OpenedByTried =
        """
        unblocked AS (DELETE FROM push_blocks b USING tried WHERE b.tenant_id = tried.tenant_id),
        opened AS (DELETE FROM push_gates g USING tried WHERE g.tenant_id = tried.tenant_id)
        """;

    /// <summary>Lets the tenant's registrations through again, now.</summary>
    public static async Task OpenAsync(CampaignsDbContext context, CancellationToken cancellationToken)
    {
        await context.PushBlocks.ExecuteDeleteAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"DELETE FROM push_gates WHERE tenant_id = {context.Tenant.Value}", cancellationToken);
        await WorkQueue.NotifyAsync(context, Queue, cancellationToken);
    }
}

/// <summary>
/// Why nothing of this tenant can be pushed at the moment: something is not set up, or the way to Zoho fails. Kept once for the tenant instead
/// of once for each of its waiting registrations, of which there may be very many.
/// </summary>
internal sealed class PushBlock
{
    public required TenantId TenantId { get; init; }

    /// <summary>NOT_CONFIGURED or RETRYING: what every waiting registration of the tenant is while this stands.</summary>
    public required RegistrationStatus Status { get; set; }

    public required string Code { get; set; }

    public required string Message { get; set; }

    /// <summary>Of whom Zoho was asked: the connection and whose account it opens; null where it was not.</summary>
    public string? AskedThrough { get; set; }

    public static string? NameOf(ProviderCall? through) => through is null ? null : $"{through.ConnectionId} {through.AccountName}";

    /// <summary>When one registration tries again whether it still stands.</summary>
    public required DateTimeOffset Until { get; set; }
}
