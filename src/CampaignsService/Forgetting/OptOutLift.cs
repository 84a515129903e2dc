using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Lists;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>
/// Takes back, for one person who asks for it, that they are not written to. Where Zoho was told through the platform that they left, Zoho
/// is told first that they are back; nothing is lifted here where it does not take that. It takes nobody back without a list
/// (<c>donotmail_resub</c> of listsubscribe): that is the one they were taken off, or after Do-Not-Mail the list of the settings.
/// </summary>
internal sealed class OptOutLift(
    TenantDb<CampaignsDbContext> db,
    PersonTurns turns,
    SettingsStore settings,
    FeatureAccess access,
    CampaignsClient campaigns,
    KnownLists lists,
    TimeProvider clock)
{
    private const string Purpose = "campaigns.consent";

    /// <summary>Zoho would hear that a person left after they were taken back or forgotten here.</summary>
    public static readonly Failure IsBeingTold = new(
        FailureKind.Precondition,
        "opt_out_being_told",
        "Zoho is told at this moment that this person does not want to be written to: ask again in a few seconds.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private static readonly Failure NotFound = new(
        FailureKind.NotFound,
        "opt_out_not_found",
        "The platform keeps nobody of this address off lists. Who has left at Zoho is brought back by a sync that says so (consent.resubscribe with a "
        + "consent.reason).");

    /// <summary>What kept the person off lists, and on which of them Zoho has them now.</summary>
    /// <param name="caller">Who says so.</param>
    /// <param name="email">Whose address.</param>
    /// <param name="reason">How they agreed.</param>
    /// <param name="cancellationToken">Ends it; to be asked again.</param>
    public Task<Result<LiftOptOutResponse>> LiftAsync(Caller caller, string email, string reason, CancellationToken cancellationToken) =>
        turns.InTurnAsync<LiftOptOutResponse>(
            caller.Tenant,
            async () =>
            {
                var (subject, said) = await SaidAsync(caller.Tenant, email, cancellationToken);
                var lifted = new LiftOptOutResponse();
                foreach (var one in said.Where(one => one.IsUntold || one.Reason is OptOutReason.Unsubscribed or OptOutReason.DoNotMail))
                {
                    if (await BringBackAsync(caller.Tenant, email, subject, one.ListKey, lifted, cancellationToken) is { } failure)
                    {
                        return failure;
                    }
                }

                return await LiftAsync(caller, subject, said, reason, lifted, cancellationToken) is { } refused ? refused : lifted;
            },
            cancellationToken);

    private async Task<(byte[] Subject, IReadOnlyList<OptOut> Said)> SaidAsync(
        TenantId tenant, string email, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var subject = EmailSubject.Of(await SettingsStore.SubjectKeyAsync(context, cancellationToken), email);
        return (subject, await OptOuts.OfAsync(await context.OpenAsync(cancellationToken), subject, cancellationToken));
    }

    // There may be nothing, or somebody else has lifted it meanwhile.
    private async Task<Failure?> LiftAsync(
        Caller caller, byte[] subject, IReadOnlyList<OptOut> said, string reason, LiftOptOutResponse lifted, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockAsync(RegistrationStore.TurnOf(subject), cancellationToken);
        if (await OptOuts.IsBeingToldAsync(context, subject, cancellationToken))
        {
            return IsBeingTold;
        }

        foreach (var one in said)
        {
            // what they have said while Zoho was waited for stands
            if (await OptOuts.LiftAsync(context, subject, one, cancellationToken))
            {
                lifted.Lifted.Add(OptOuts.FailureOf(one.Reason).Code);
            }
        }

        if (lifted.Lifted.Count == 0)
        {
            return NotFound;
        }

        context.Audit(AuditEntry.Of(
            caller, clock.GetUtcNow(), AuditActions.OptOutLifted, EmailSubject.InAudit(subject), new { lifted = lifted.Lifted, reason }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task<Failure?> BringBackAsync(
        TenantId tenant, string email, byte[] subject, string? listKey, LiftOptOutResponse lifted, CancellationToken cancellationToken)
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
        if (answer.Succeeded(out var outcome, out failure))
        {
            await using (var context = db.For(tenant))
            {
                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                await ListCopies.NoteReturnedAsync(context, [subject], list, clock.GetUtcNow(), cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            var meant = await lists.MeaningAsync(call, list, outcome, cancellationToken);
            (meant is SubscribeOutcome.ConfirmationSent ? lifted.ConfirmingListKeys : lifted.ListKeys).Add(list);
            return null;
        }

        // nobody comes back to a list that is no more, and no setting would help
        return listKey is not null && failure.Code == CampaignsFailures.ListNotFound.Code ? null : failure;
    }
}
