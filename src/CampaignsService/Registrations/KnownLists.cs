using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// The account's mailing lists as Zoho had them some minutes ago. Whether a list has a sign-up form decides what a push did: Zoho mails everyone
/// who is new to it, and has them on it once they have confirmed. Its answer to a push says so in the text only, which may be in another language;
/// the list itself tells.
/// </summary>
internal sealed class KnownLists(CampaignsClient campaigns, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    private readonly KeptOfLists<Answer> _kept = new(clock, KeptFor);

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
        if (!_kept.TryGet(call, listKey, asReader => ReadAsync(asReader, listKey), out var reading))
        {
            return Unknown;
        }

        var answer = await reading.WaitAsync(cancellationToken);
        if (answer.List is null)
        {
            // it may be made at any moment
            _kept.Forget(call, listKey);
        }

        return answer;
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

    private static readonly Answer Unknown = new(false, null);

    private sealed record Answer(bool IsKnown, MailingList? List);
}
