using System.Diagnostics.CodeAnalysis;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Lists;

/// <summary>
/// The account's mailing lists as Zoho had them some minutes ago. Whether a list has a sign-up form decides what a push did: Zoho mails everyone
/// who is new to it, and has them on it once they have confirmed. Its answer to a push says so in the text only, which may be in another language;
/// the list itself tells.
/// </summary>
/// <remarks>Read once for all who ask meanwhile, with the part of the quota that reads have, and bounded for a tenant and for all.</remarks>
internal sealed class KnownLists(CampaignsClient campaigns, TimeProvider clock)
{
    private const int MostLists = 200;
    private const int MostListsOfATenant = 5;

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    private static readonly Answer Unknown = new(false, null);

    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId Tenant, string Connection, string ListKey), (Task<Answer> Answer, DateTimeOffset Until)> _kept = [];

    /// <summary>What an answer means for this list, where its words are not known; where the list cannot be looked at either, it stays so.</summary>
    public async Task<SubscribeOutcome> MeaningAsync(
        ProviderCall call, string listKey, SubscribeOutcome said, CancellationToken cancellationToken) =>
        said is SubscribeOutcome.Accepted && await FindAsync(call, listKey, cancellationToken) is { List.HasSignupForm: true }
            ? SubscribeOutcome.ConfirmationSent
            : said;

    /// <summary>True where Zoho shows its lists, and none has this key. False also where Zoho cannot be asked now.</summary>
    public async Task<bool> IsMissingAsync(ProviderCall call, string listKey, CancellationToken cancellationToken) =>
        await FindAsync(call, listKey, cancellationToken) is { IsKnown: true, List: null };

    private async Task<Answer> FindAsync(ProviderCall call, string listKey, CancellationToken cancellationToken)
    {
        var key = (call.Tenant, call.ConnectionId, listKey);
        if (!TryRead(key, call, out var reading))
        {
            return Unknown;
        }

        var answer = await reading.WaitAsync(cancellationToken);
        if (answer.List is null)
        {
            // it may be made at any moment
            lock (_gate)
            {
                _kept.Remove(key);
            }
        }

        return answer;
    }

    // what is kept, or read now, whoever of those who wait goes away; false where as much is kept already as may be
    private bool TryRead(
        (TenantId Tenant, string Connection, string ListKey) key, ProviderCall call, [NotNullWhen(true)] out Task<Answer>? answer)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (_kept.TryGetValue(key, out var kept) && kept.Until > now
                && kept.Answer is not { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                answer = kept.Answer;
                return true;
            }

            foreach (var (old, _) in _kept.Where(one => one.Value.Until <= now).ToList())
            {
                _kept.Remove(old);
            }

            var own = _kept.Where(one => one.Key.Tenant == call.Tenant).ToList();
            if (own.Count >= MostListsOfATenant)
            {
                _kept.Remove(own.MinBy(one => one.Value.Until).Key);
            }

            if (_kept.Count >= MostLists)
            {
                answer = null;
                return false;
            }

            answer = ReadAsync(call with { Use = QuotaUse.Read }, key.ListKey);
            _kept[key] = (answer, now + KeptFor);
            return true;
        }
    }

    private async Task<Answer> ReadAsync(ProviderCall call, string listKey)
    {
        // whoever asked first may go while others wait
        using var limit = new CancellationTokenSource(ReadLimit);
        try
        {
            return (await campaigns.GetMailingListsAsync(call, limit.Token)).Succeeded(out var lists, out _)
                ? new Answer(true, lists.FirstOrDefault(list => list.Key == listKey))
                : Unknown;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Unknown;
        }
    }

    private sealed record Answer(bool IsKnown, MailingList? List);
}
