using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService.Lists;

/// <summary>
/// Copies of those whom a mailing list has in one status: hashes of their addresses, in <c>list_contacts</c>. Each status is a copy of its own, because
/// Zoho counts and lists each by itself: what changed in one is no reason to read the others.
/// </summary>
internal sealed class ListKind(ListStatus status, ListSource source) : CopyKind<CampaignsDbContext>
{
    /// <summary>Those that are copied. Who is in two of them at Zoho is in the later one.</summary>
    public static readonly IReadOnlyList<ListStatus> Statuses = [ListStatus.Active, .. Leavers.Statuses];

    /// <summary>Kinds of those who have left, in the order of <see cref="Leavers.Statuses"/>.</summary>
    public static readonly IReadOnlyList<string> OfLeavers = [.. Leavers.Statuses.Select(NameOf)];

    /// <summary>Kinds of all, in the order of <see cref="Statuses"/>.</summary>
    public static readonly IReadOnlyList<string> OfAll = [.. Statuses.Select(NameOf)];

    public override string Name => NameOf(status);

    public override CopySource Source => source;

    /// <summary>Who has left is to be known within a minute; who is on the list only when a sync asks.</summary>
    public override TimeSpan PollEvery => status is ListStatus.Active ? CheckEvery : base.PollEvery;

    /// <summary>200 calls in five minutes at most, of the 500 that Zoho gives.</summary>
    public override TimeSpan RestPerCall => TimeSpan.FromSeconds(1.5);

    /// <summary>No row of ours is lost with them: they say how Zoho has it, and Zoho alone knows.</summary>
    public override long MostDeletions(long rows) => rows;

    public override async Task WriteAsync(
        CampaignsDbContext context, CopyTarget copy, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken)
    {
        var there = changes.Where(change => change.Record is not null).Select(SubjectOf).ToArray();
        var gone = changes.Where(change => change.Record is null).Select(SubjectOf).ToArray();
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO list_contacts (tenant_id, copy_id, subject) SELECT {context.Tenant.Value}, {copy.Id}, s.subject FROM unnest({there}) AS s (subject)
            ON CONFLICT (tenant_id, copy_id, subject) DO NOTHING
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"DELETE FROM list_contacts WHERE copy_id = {copy.Id} AND subject = ANY ({gone})", cancellationToken);

        static byte[] SubjectOf(RecordChange change) => Convert.FromHexString(change.Id);
    }

    // who came back, and left again behind that
    public override Task SeenAsync(
        CampaignsDbContext context, CopyTarget copy, IReadOnlyList<string> ids, DateTimeOffset askedAt, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE list_contacts SET returned_at = NULL
            WHERE copy_id = {copy.Id} AND subject = ANY ({ids.Select(Convert.FromHexString).ToArray()}) AND returned_at < {askedAt}
            """,
            cancellationToken);

    public override Task ForgetAsync(CampaignsDbContext context, CopyTarget copy, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync($"DELETE FROM list_contacts WHERE copy_id = {copy.Id}", cancellationToken);

    private static string NameOf(ListStatus status) => status switch
    {
        ListStatus.Active => "campaigns.list.active",
        ListStatus.Unsubscribed => "campaigns.list.unsubscribed",
        ListStatus.Bounced => "campaigns.list.bounced",
        ListStatus.Spam => "campaigns.list.spam",
        ListStatus.Recent or ListStatus.MostRecent => throw new ArgumentOutOfRangeException(nameof(status), status, "It is a part of the active ones."),
    };
}
