using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>A row of the ledger that is on its way.</summary>
internal sealed record PushContact(long Position, string Email, string? Fields, bool OnList, bool Resubscribe, bool InDoubt, int Tries)
{
    /// <summary>Why it is not pushed after all: the person has said so since the row was written.</summary>
    public OptOutReason? OptedOut { get; init; }

    // one that Zoho cannot take must not hold up nine others for ever
    public const int TriesTogether = 3;

    public PushResult Ended(SyncContactOutcome outcome, string? code = null, string? message = null) =>
        new(Position, outcome, code, message, null, false, false, 0);

    public PushResult Later(DateTimeOffset? retryAt, Failure? failure = null) =>
        new(Position, SyncContactOutcome.Pending, failure?.Code, failure?.Message, retryAt, false, false, 0);
}

/// <summary>What is written about it.</summary>
internal sealed record PushResult(
    long Position, SyncContactOutcome Outcome, string? Code, string? Message, DateTimeOffset? RetryAt, bool InDoubt, bool Resubscribe,
    int Tries);
