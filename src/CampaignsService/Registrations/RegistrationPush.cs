using Npgsql;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Lists;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>Asks Zoho to take a claimed registration, and judges what came of it.</summary>
internal sealed class RegistrationPush(
    TenantDb<CampaignsDbContext> db,
    FreshRegistrations fresh,
    FeatureAccess access,
    CampaignsClient campaigns,
    KnownLists lists,
    ListCopies copies)
{
    private const string Purpose = "campaigns.push";

    private const string ReadSql =
        $"""
        {TenantStatements.OfTenant}
        SELECT
            r.email, r.first_name, r.last_name, r.country, r.company, r.phone, r.preferred_language, r.production_type, r.category,
            s.list_key, opt_out_now(tenant.id, $3, coalesce(s.list_key, ''))
        FROM tenant
        CROSS JOIN LATERAL (SELECT * FROM registrations WHERE tenant_id = tenant.id AND id = $2 LIMIT 1) r
        LEFT JOIN LATERAL (SELECT list_key FROM campaigns_settings WHERE tenant_id = tenant.id LIMIT 1) s ON true
        """;

    public async Task<PushOutcome> RunAsync(Claim claim, CancellationToken cancellationToken)
    {
        var (contact, list, optedOut) = await ReadAsync(claim, cancellationToken);
        if (optedOut is { } reason)
        {
            return new PushOutcome(PushVerdict.Suppressed, list, Asked: false, OptOuts.FailureOf(reason));
        }

        if (list is not { } listKey)
        {
            return new PushOutcome(PushVerdict.NotConfigured, null, Asked: false, SettingsFailures.ListKeyMissing);
        }

        if (!(await access.ForAsync(claim.Tenant, Purpose, cancellationToken)).Succeeded(out var call, out var noAccess))
        {
            return new PushOutcome(Judge(noAccess), listKey, Asked: false, noAccess);
        }

        var answer = await campaigns.SubscribeAsync(call, listKey, contact.ToContactInfo(), cancellationToken);
        var pushed = !answer.Succeeded(out var outcome, out var failure)
            // a quota and the grant's scopes are seen to before Zoho is asked
            ? new PushOutcome(
                Judge(failure),
                listKey,
                Asked: failure is { Kind: not FailureKind.RateLimited, Code: not CampaignsFailures.ScopesMissingCode },
                failure)
            : await lists.MeaningAsync(call, listKey, outcome, cancellationToken) switch
            {
                SubscribeOutcome.AlreadySubscribed => await HeldAsync(call, claim, listKey, cancellationToken),
                // new or held before: the ledger knows whether we brought it; who has left has to be seen all the same
                SubscribeOutcome.Accepted => await HeldAsync(call, claim, listKey, cancellationToken) switch
                {
                    { Verdict: PushVerdict.Suppressed } left => left,
                    var held => held with { Verdict = PushVerdict.Taken },
                },
                SubscribeOutcome.ConfirmationSent => new PushOutcome(PushVerdict.ConfirmationSent, listKey, Asked: true),
                SubscribeOutcome.Subscribed => new PushOutcome(PushVerdict.Taken, listKey, Asked: true),
            };
        return pushed with { Through = call };
    }

    // Zoho says the same of who is on the list and of who has left it
    private async Task<PushOutcome> HeldAsync(ProviderCall call, Claim claim, string listKey, CancellationToken cancellationToken)
    {
        var (isKnown, how) = await copies.FindLeaverAsync(call, listKey, claim.Subject, cancellationToken);
        return how is { } left ? new PushOutcome(PushVerdict.Suppressed, listKey, Asked: true, Leavers.FailureOf(left))
            : new PushOutcome(isKnown ? PushVerdict.HeldBefore : PushVerdict.HeldSomehow, listKey, Asked: true);
    }

    private static PushVerdict Judge(Failure failure) => failure.CampaignsClass switch
    {
        // one number for many troubles: a contact is not lost over it
        CampaignsCodeClass.BadContact when failure.Code == CampaignsFailures.DataRefusedCode => PushVerdict.Postponed,
        CampaignsCodeClass.BadContact => PushVerdict.Refused,
        CampaignsCodeClass.Suppressed => PushVerdict.Suppressed,
        CampaignsCodeClass.Configuration or CampaignsCodeClass.Auth => PushVerdict.NotConfigured,
        CampaignsCodeClass.PlanLimit => PushVerdict.BlockedForLong,
        CampaignsCodeClass.Locked => PushVerdict.Blocked,
        CampaignsCodeClass.Retry when !failure.IsAnswerOfCampaigns => PushVerdict.Blocked,
        // also what only a change in Zoho or in the platform can mend: a contact is not lost over it
        _ => PushVerdict.Postponed,
    };

    private async Task<(Contact Contact, string? ListKey, OptOutReason? OptedOut)> ReadAsync(
        Claim claim, CancellationToken cancellationToken)
    {
        if (fresh.Take(claim) is { } known)
        {
            return (known.Contact, known.ListKey, null);
        }

        return await db.Statements.FindInOneAsync<(Contact, string?, OptOutReason?)?>(
            claim.Tenant,
            ReadSql,
            [claim.RegistrationId, claim.Subject],
            row => (ContactOf(row), TextOf(row, 9), row.IsDBNull(10) ? null : (OptOutReason)row.GetInt32(10)),
            cancellationToken)
            ?? throw new InvalidOperationException($"Registration {claim.RegistrationId} is queued and not stored.");
    }

    private static Contact ContactOf(NpgsqlDataReader row) => new()
    {
        Email = row.GetString(0),
        FirstName = TextOf(row, 1),
        LastName = TextOf(row, 2),
        Country = TextOf(row, 3),
        Company = TextOf(row, 4),
        Phone = TextOf(row, 5),
        PreferredLanguage = TextOf(row, 6),
        ProductionType = TextOf(row, 7),
        Category = TextOf(row, 8),
    };

    private static string? TextOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
