using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService.Lists;

/// <summary>
/// Those whom a mailing list of Zoho Campaigns has in one status. Zoho tells of a contact neither when it changed nor that it went, and gives none by its
/// address: it counts them ("Get list subscribers count") and lists them by pages ("Get list subscribers").
/// </summary>
internal sealed class ListSource(
    ListStatus status, TenantDb<CampaignsDbContext> db, FeatureAccess access, CampaignsClient campaigns, TimeProvider clock) : CopySource
{
    private const string Purpose = "campaigns.lists";

    // a list is wanted so long behind the last sync to it
    private static readonly TimeSpan WantedFor = TimeSpan.FromDays(7);

    public override bool TellsTimes => false;

    public override async Task<Result<SourceCount>> CountAsync(CopyTarget copy, CancellationToken cancellationToken)
    {
        if (!(await CallAsync(copy, cancellationToken)).Succeeded(out var call, out var failure))
        {
            return failure;
        }

        var counted = await campaigns.CountSubscribersAsync(call, copy.Subject, status, cancellationToken);
        return counted.Succeeded(out var count, out failure) ? new SourceCount(count, 1)
            : IsNotTold(failure) ? new SourceCount(0, 1)
            : failure;
    }

    public override async Task<Result<SourcePage<SourceRecord>>> ReadAllAsync(CopyTarget copy, string position, CancellationToken cancellationToken)
    {
        if (!(await CallAsync(copy, cancellationToken)).Succeeded(out var call, out var failure))
        {
            return failure;
        }

        var askedAt = clock.GetUtcNow();
        var (index, range) = Read(position);
        if (!(await campaigns.GetSubscribersAsync(call, copy.Subject, status, index, range, cancellationToken)).Succeeded(out var page, out failure))
        {
            return IsNotTold(failure) ? new SourcePage<SourceRecord>([], null, askedAt) : failure;
        }

        await using var context = db.For(copy.Tenant);
        var subjectKey = await SettingsStore.SubjectKeyAsync(context, cancellationToken);
        return new SourcePage<SourceRecord>(
            [
                .. page.Subscribers.Select(one => new SourceRecord(
                    Convert.ToHexStringLower(EmailSubject.Of(subjectKey, one.Email)), DateTimeOffset.UnixEpoch, new JsonObject())),
            ],
            page.NextIndex is { } next ? string.Create(CultureInfo.InvariantCulture, $"{next} {page.Range}") : null,
            askedAt);
    }

    private static (int Index, int Range) Read(string position) => position.Split(' ') is [var index, var range]
        ? (int.Parse(index, CultureInfo.InvariantCulture), int.Parse(range, CultureInfo.InvariantCulture))
        : (1, CampaignsClient.LargestRange);

    // not every account tells who reported spam; who did is refused by Zoho itself then
    private bool IsNotTold(Failure failure) => status is ListStatus.Spam && failure.CampaignsClass is CampaignsCodeClass.BadRequest;

    private async Task<Result<ProviderCall>> CallAsync(CopyTarget copy, CancellationToken cancellationToken)
    {
        if (!await IsWantedAsync(copy, cancellationToken))
        {
            return SourceFailures.NotWanted;
        }

        // another connection may open another account: its lists are other copies
        return (await access.ForAsync(copy.Tenant, Purpose, cancellationToken, QuotaUse.Copy)).Succeeded(out var call, out var failure)
            ? call.ConnectionId == copy.ConnectionId ? call : SourceFailures.NotWanted
            : failure;
    }

    // registrations are to know who has left; who is on the list is for syncs
    private async Task<bool> IsWantedAsync(CopyTarget copy, CancellationToken cancellationToken)
    {
        await using var context = db.For(copy.Tenant);
        return await context.Database.SqlQuery<bool>(
            $"""
            SELECT ({status is not ListStatus.Active} AND EXISTS (SELECT FROM campaigns_settings WHERE list_key = {copy.Subject}))
                OR EXISTS (
                    SELECT FROM syncs
                    WHERE list_key = {copy.Subject} AND (ended_at IS NULL OR ended_at > {clock.GetUtcNow() - WantedFor})) AS "Value"
            """).SingleAsync(cancellationToken);
    }
}
