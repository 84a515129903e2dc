using System.Buffers.Binary;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Asks Zoho whether somebody has left a list. Zoho has no method that says so of one contact, and answers a push of them as it answers
/// anybody else's; its lists by status tell ("Get list subscribers"). They are read whole when the first asks, for all who ask within a
/// minute, and only hashes of them are kept.
/// </summary>
internal sealed class ListLeavers(TenantDb<CampaignsDbContext> db, CampaignsClient campaigns, TimeProvider clock)
{
    /// <summary>Pages of 500 that are read of a list: of one that more have left, some are not known.</summary>
    public const int MostPages = 40;

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(30);

    private readonly KeptOfLists<Left> _kept = new(clock, KeptFor);

    /// <summary>How somebody has left, an index of <see cref="Leavers.Statuses"/>; null for who has not, where that is known.</summary>
    /// <param name="call">On whose behalf Zoho is asked; it takes the part of the quota that reads have.</param>
    /// <param name="listKey">Which list.</param>
    /// <param name="subject">Who.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(bool IsKnown, int? How)> FindAsync(
        ProviderCall call, string listKey, byte[] subject, CancellationToken cancellationToken)
    {
        if (!_kept.TryGet(call, listKey, asReader => ReadAsync(asReader, listKey), out var answer))
        {
            return (false, null);
        }

        var left = await answer.WaitAsync(cancellationToken);
        return left.Who.TryGetValue(Short(subject), out var how) ? (true, how) : (left.IsWhole, null);
    }

    /// <summary>Somebody is back on the list: who asks next has it read anew.</summary>
    public void Forget(ProviderCall call, string listKey) => _kept.Forget(call, listKey);

    private async Task<Left> ReadAsync(ProviderCall call, string listKey)
    {
        // whoever asked first may go while others wait
        using var limit = new CancellationTokenSource(ReadLimit);
        var who = new Dictionary<UInt128, int>();
        byte[] subjectKey;
        await using (var context = db.For(call.Tenant))
        {
            subjectKey = await SettingsStore.SubjectKeyAsync(context, limit.Token);
        }

        try
        {
            return new Left(who, IsWhole: await ReadAsync(call, listKey, subjectKey, who, limit.Token));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Left(who, IsWhole: false);
        }
    }

    private async Task<bool> ReadAsync(
        ProviderCall call, string listKey, byte[] subjectKey, Dictionary<UInt128, int> who, CancellationToken cancellationToken)
    {
        var (pages, range) = (0, CampaignsClient.LargestRange);
        for (var status = 0; status < Leavers.Statuses.Count; status++)
        {
            for (int? from = 1; from is { } index; pages++)
            {
                if (pages == MostPages)
                {
                    return false;
                }

                var answer = await campaigns.GetSubscribersAsync(
                    call, listKey, Leavers.Statuses[status], index, range, cancellationToken);
                if (!answer.Succeeded(out var page, out var failure))
                {
                    // not every account lists who reported spam; who did is refused by Zoho itself then
                    if (Leavers.Statuses[status] is ListStatus.Spam && failure.CampaignsClass is CampaignsCodeClass.BadRequest)
                    {
                        break;
                    }

                    return false;
                }

                foreach (var subscriber in page.Subscribers)
                {
                    who[Short(EmailSubject.Of(subjectKey, subscriber.Email))] = status;
                }

                (from, range) = (page.NextIndex, page.Range);
            }
        }

        return true;
    }

    private static UInt128 Short(byte[] subject) => BinaryPrimitives.ReadUInt128BigEndian(subject);

    private sealed record Left(IReadOnlyDictionary<UInt128, int> Who, bool IsWhole);
}
