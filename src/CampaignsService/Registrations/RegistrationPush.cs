using Npgsql;
using ZohoPlatform.CampaignsService.Access;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>Asks Zoho to take a claimed registration, and judges what came of it.</summary>
internal sealed class RegistrationPush(
    TenantDb<CampaignsDbContext> db, FreshRegistrations fresh, CampaignsAccess access, CampaignsClient campaigns)
{
    private const string Purpose = "campaigns.push";

    private const string ReadSql =
        $"""
        {TenantStatements.OfTenant}
        SELECT
            r.email, r.first_name, r.last_name, r.country, r.company, r.phone, r.preferred_language, r.production_type, r.category,
            s.list_key
        FROM tenant
        CROSS JOIN LATERAL (SELECT * FROM registrations WHERE tenant_id = tenant.id AND id = $2 LIMIT 1) r
        LEFT JOIN LATERAL (SELECT list_key FROM campaigns_settings WHERE tenant_id = tenant.id LIMIT 1) s ON true
        """;

    public async Task<PushOutcome> RunAsync(Claim claim, CancellationToken cancellationToken)
    {
        var (contact, list) = await ReadAsync(claim, cancellationToken);
        if (list is not { } listKey)
        {
            return new PushOutcome(PushVerdict.NotConfigured, null, Asked: false, SettingsFailures.ListKeyMissing);
        }

        if (!(await access.ForAsync(claim.Tenant, Purpose, cancellationToken)).Succeeded(out var call, out var noAccess))
        {
            return new PushOutcome(Judge(noAccess), listKey, Asked: false, noAccess);
        }

        var answer = await campaigns.SubscribeAsync(call, listKey, contact.ToContactInfo(), cancellationToken);
        return answer.Succeeded(out var outcome, out var failure)
            ? new PushOutcome(Judge(outcome), listKey, Asked: true) { Through = call }
            // a quota and the grant's scopes are seen to before Zoho is asked
            : new PushOutcome(
                Judge(failure),
                listKey,
                Asked: failure is { Kind: not FailureKind.RateLimited, Code: not CampaignsFailures.ScopesMissingCode },
                failure)
            {
                Through = call,
            };
    }

    private static PushVerdict Judge(SubscribeOutcome outcome) => outcome switch
    {
        SubscribeOutcome.AlreadySubscribed => PushVerdict.HeldBefore,
        SubscribeOutcome.ConfirmationSent => PushVerdict.ConfirmationSent,
        SubscribeOutcome.Subscribed => PushVerdict.Taken,
    };

    private static PushVerdict Judge(Failure failure) => failure.CampaignsClass switch
    {
        CampaignsCodeClass.BadContact or CampaignsCodeClass.Suppressed => PushVerdict.Refused,
        CampaignsCodeClass.Configuration or CampaignsCodeClass.Auth => PushVerdict.NotConfigured,
        CampaignsCodeClass.PlanLimit => PushVerdict.BlockedForLong,
        CampaignsCodeClass.Locked => PushVerdict.Blocked,
        CampaignsCodeClass.Retry when !failure.IsAnswerOfCampaigns => PushVerdict.Blocked,
        // also what only a change in Zoho or in the platform can mend: a contact is not lost over it
        _ => PushVerdict.Postponed,
    };

    private async Task<(Contact Contact, string? ListKey)> ReadAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (fresh.Take(claim) is { } known)
        {
            return known;
        }

        return await db.Statements.FindInOneAsync<(Contact, string?)?>(
            claim.Tenant, ReadSql, [claim.RegistrationId], row => (ContactOf(row), TextOf(row, 9)), cancellationToken)
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
