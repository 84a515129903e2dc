using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Access;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>
/// Takes back, for one person who asks for it, that they are not written to. Where Zoho was told through the platform that they left, Zoho
/// is told first that they are back; nothing is lifted here where it does not take that.
/// </summary>
internal sealed class OptOutLift(
    TenantDb<CampaignsDbContext> db, SettingsStore settings, CampaignsAccess access, CampaignsClient campaigns, ListLeavers leavers,
    TimeProvider clock)
{
    private const string Purpose = "campaigns.consent";

    private static readonly Failure NotFound = new(
        FailureKind.NotFound,
        "opt_out_not_found",
        "The platform keeps nobody of this address off lists. Who has left at Zoho is brought back by a sync that says so (consent.reason).");

    /// <summary>What kept the person off lists; they are on those again that they were taken off, as Zoho has it.</summary>
    /// <param name="caller">Who says so.</param>
    /// <param name="email">Whose address.</param>
    /// <param name="reason">How they agreed.</param>
    /// <param name="cancellationToken">Ends it; to be asked again.</param>
    public async Task<Result<LiftOptOutResponse>> LiftAsync(
        Caller caller, string email, string reason, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        var subject = EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, cancellationToken), email);
        var said = await OptOuts.OfAsync(await context.OpenAsync(cancellationToken), subject, cancellationToken);
        if (said.Count == 0)
        {
            return NotFound;
        }

        foreach (var (why, listKey) in said)
        {
            // who was forgotten is on no list because of it, and the next registration is one like any other
            if (why is not OptOutReason.Forgotten
                && await BringBackAsync(caller.Tenant, email, listKey, cancellationToken) is { } failure)
            {
                return failure;
            }
        }

        var lifted = said.Select(one => OptOuts.FailureOf(one.Reason).Code).ToList();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await OptOuts.LiftAsync(context, subject, cancellationToken) == 0)
        {
            // somebody else has meanwhile
            return NotFound;
        }

        context.Audit(AuditEntry.Of(
            caller, clock.GetUtcNow(), AuditActions.OptOutLifted, EmailSubject.InAudit(subject), new { lifted, reason }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new LiftOptOutResponse { Lifted = { lifted } };
    }

    private async Task<Failure?> BringBackAsync(TenantId tenant, string email, string? listKey, CancellationToken cancellationToken)
    {
        if ((listKey ?? await settings.ListKeyAsync(tenant, cancellationToken)) is not { } list)
        {
            return SettingsFailures.ListKeyMissing;
        }

        if (!(await access.ForAsync(tenant, Purpose, cancellationToken)).Succeeded(out var call, out var failure))
        {
            return failure;
        }

        var contact = new Contact { Email = email };
        var answer = await campaigns.SubscribeAsync(call, list, contact.ToContactInfo(), resubscribe: true, cancellationToken);
        leavers.Forget(call, list);
        return answer.Succeeded(out _, out failure) ? null : failure;
    }
}
