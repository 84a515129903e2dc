using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// Whether a list has a sign-up form: Zoho mails everyone who is new to it, and has them on it once they have confirmed. Its answer to a push
/// says so in the text only, which may be in another language; the list itself tells.
/// </summary>
internal sealed class SignupForms(CampaignsClient campaigns, TimeProvider clock)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(10);

    private readonly KeptOfLists<Answer> _kept = new(clock, KeptFor);

    /// <summary>What an answer means for this list, where its words are not known; where the list cannot be looked at either, it stays so.</summary>
    public async Task<SubscribeOutcome> MeaningAsync(
        ProviderCall call, string listKey, SubscribeOutcome said, CancellationToken cancellationToken)
    {
        if (said is not SubscribeOutcome.Accepted
            || !_kept.TryGet(call, listKey, asReader => ReadAsync(asReader, listKey), out var answer))
        {
            return said;
        }

        switch ((await answer.WaitAsync(cancellationToken)).HasOne)
        {
            case null:
                _kept.Forget(call, listKey);
                return said;
            case true:
                return SubscribeOutcome.ConfirmationSent;
            case false:
                return said;
        }
    }

    private async Task<Answer> ReadAsync(ProviderCall call, string listKey)
    {
        // whoever asked first may go while others wait
        using var limit = new CancellationTokenSource(ReadLimit);
        try
        {
            return new Answer((await campaigns.GetMailingListsAsync(call, limit.Token)).Succeeded(out var lists, out _)
                ? lists.FirstOrDefault(list => list.Key == listKey)?.HasSignupForm
                : null);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Answer(null);
        }
    }

    private sealed record Answer(bool? HasOne);
}
