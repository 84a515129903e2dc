using System.Text.Json;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>Makes the call for a batch of contacts, and judges what its answer means for each of them and for the sync.</summary>
internal sealed partial class PushCalls(CampaignsClient campaigns, TimeProvider clock, ILogger<PushCalls> logger)
{
    // with the waits between them more than an hour
    private const int TriesOfAContact = 20;

    public async Task<(List<PushResult> Results, Step Step)> MakeAsync(
        SyncRow sync, ProviderCall call, List<PushContact> batch, CancellationToken cancellationToken)
    {
        var suppressed = new List<PushResult>();
        foreach (var contact in batch)
        {
            if (contact.OptedOut is { } reason)
            {
                var why = OptOuts.FailureOf(reason);
                suppressed.Add(contact.Ended(SyncContactOutcome.Suppressed, why.Code, why.Message));
            }
        }

        var wanted = batch.FindAll(contact => contact.OptedOut is null);
        if (wanted.Count == 0)
        {
            return (suppressed, Step.GoOn);
        }

        var (results, step) = await CallAsync(sync, call, wanted, cancellationToken);
        return ([.. results, .. suppressed], step);
    }

    private Task<(List<PushResult> Results, Step Step)> CallAsync(
        SyncRow sync, ProviderCall call, List<PushContact> batch, CancellationToken cancellationToken) =>
        batch is [{ } only] && (only.Resubscribe || only.Tries >= PushContact.TriesTogether || !sync.GoesInBulk)
            ? SubscribeAsync(sync, call, only, cancellationToken)
            : AddInBulkAsync(sync, call, batch, cancellationToken);

    private async Task<(List<PushResult> Results, Step Step)> AddInBulkAsync(
        SyncRow sync, ProviderCall call, List<PushContact> batch, CancellationToken cancellationToken)
    {
        var answer = await campaigns.AddInBulkAsync(call, sync.ListKey, [.. batch.Select(contact => contact.Email)], cancellationToken);
        if (answer.Succeeded(out var outcome, out var failure))
        {
            return ([.. batch.Select(contact => OfBulk(sync, contact, outcome))], Step.GoOn);
        }

        // one of them may be what Zoho does not take: the method for one contact says which, and the others land
        return failure.IsAnswerOfCampaigns
            && failure.CampaignsClass is CampaignsCodeClass.BadContact or CampaignsCodeClass.BadRequest or CampaignsCodeClass.Suppressed
            ? ([.. batch.Select(contact => contact.Later(null) with { Tries = PushContact.TriesTogether })], Step.GoOn)
            : Failed(sync, batch, failure);
    }

    private static PushResult OfBulk(SyncRow sync, PushContact contact, BulkOutcome outcome)
    {
        if (outcome.Ignored.Contains(contact.Email))
        {
            // the method for one contact says why, and with consent can bring it back
            return contact.Later(null) with { Tries = PushContact.TriesTogether, Resubscribe = sync.ConsentReason is not null };
        }

        if (outcome.Unclear.Contains(contact.Email))
        {
            // the method for one contact says it; where this call has added it, it is held then and was added all the same, and whom the list
            // held before is known from reading it
            return contact.Later(null) with { Tries = PushContact.TriesTogether, InDoubt = true };
        }

        return contact.Ended(
            outcome.Existing.Contains(contact.Email) && !contact.InDoubt ? SyncContactOutcome.Existing : SyncContactOutcome.Added);
    }

    private async Task<(List<PushResult> Results, Step Step)> SubscribeAsync(
        SyncRow sync, ProviderCall call, PushContact contact, CancellationToken cancellationToken)
    {
        var fields = contact.Fields is null
            ? new Dictionary<string, string>(StringComparer.Ordinal) { [FieldMap.EmailField] = contact.Email }
            : JsonSerializer.Deserialize<Dictionary<string, string>>(contact.Fields)!;
        var answer = await campaigns.SubscribeAsync(call, sync.ListKey, fields, contact.Resubscribe, cancellationToken);
        if (answer.Succeeded(out var outcome, out var failure))
        {
            return ([contact.Ended(Judge(sync, contact, outcome))], Step.GoOn);
        }

        return failure.CampaignsClass switch
        {
            CampaignsCodeClass.Suppressed when sync.ConsentReason is not null && !contact.Resubscribe =>
                ([contact.Later(null) with { Resubscribe = true }], Step.GoOn),
            CampaignsCodeClass.Suppressed => ([contact.Ended(SyncContactOutcome.Suppressed, failure.Code, failure.Message)], Step.GoOn),
            CampaignsCodeClass.BadContact when failure.Code is "invalid_email" or CampaignsFailures.DataRefusedCode =>
                ([contact.Ended(SyncContactOutcome.Invalid, failure.Code, failure.Message)], Step.GoOn),
            CampaignsCodeClass.BadContact => ([contact.Ended(SyncContactOutcome.Error, failure.Code, failure.Message)], Step.GoOn),
            // this row has no value for a field that Zoho wants of everyone
            CampaignsCodeClass.BadRequest when failure.Code is "mandatory_field_missing" =>
                ([contact.Ended(SyncContactOutcome.Error, failure.Code, failure.Message)], Step.GoOn),
            _ => Failed(sync, [contact], failure),
        };
    }

    private static SyncContactOutcome Judge(SyncRow sync, PushContact contact, SubscribeOutcome outcome) => outcome switch
    {
        SubscribeOutcome.ConfirmationSent => SyncContactOutcome.ConfirmationSent,
        _ when contact.OnList => SyncContactOutcome.Updated,
        // it was mailed now; or Zoho holds it in none of the states that it lists: it was mailed before and has not confirmed
        _ when sync.SendsConfirmations => SyncContactOutcome.ConfirmationSent,
        SubscribeOutcome.AlreadySubscribed when !contact.InDoubt => SyncContactOutcome.Updated,
        _ => SyncContactOutcome.Added,
    };

    private (List<PushResult> Results, Step Step) Failed(SyncRow sync, List<PushContact> batch, Failure failure)
    {
        LogFailed(sync.Id, failure.Code);
        // Zoho answered: it may lie in these contacts, and others go on
        if (failure.IsAnswerOfCampaigns
            && failure.CampaignsClass is CampaignsCodeClass.Retry or CampaignsCodeClass.BadContact or CampaignsCodeClass.Suppressed)
        {
            return (
                [.. batch.Select(contact => contact.Tries + 1 < TriesOfAContact
                    ? contact.Later(clock.GetUtcNow() + Backoff.After(contact.Tries + 1, failure.RetryAfter), failure) with { Tries = 1 }
                    : contact.Ended(SyncContactOutcome.Error, failure.Code, failure.Message))],
                Step.GoOn);
        }

        // without an answer nobody knows whether Zoho took them
        var inDoubt = failure.Kind is FailureKind.Unavailable;
        return ([.. batch.Select(contact => contact.Later(null) with { InDoubt = inDoubt })], Step.After(failure));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sync {SyncId}: a call failed ({Code})")]
    private partial void LogFailed(Guid syncId, string code);
}
