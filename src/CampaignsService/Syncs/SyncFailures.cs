using System.Globalization;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Syncs;

internal static class SyncFailures
{
    public static readonly Failure NotFound = new(FailureKind.NotFound, "sync_not_found", "There is no sync with this id.");

    public static readonly Failure UploadNotFound = new(
        FailureKind.NotFound, "upload_not_found", "There is no upload with this id; one is kept for a day: send the file again.")
    {
        Field = "source",
    };

    public static readonly Failure KeyReused = new(
        FailureKind.Conflict,
        "idempotency_key_reused",
        "This idempotency key was used for another sync: use a new key for a new sync.")
    {
        Field = "idempotency_key",
    };

    public static readonly Failure HasEnded = new(
        FailureKind.Conflict, "sync_ended", "The sync has ended: create a new one.");

    public static readonly Failure NotEnded = new(
        FailureKind.Conflict, "sync_not_ended", "The sync has not ended: cancel it, or wait for its end, and delete it then.");

    /// <summary>The quota <c>syncs</c>.</summary>
    public static readonly Failure SyncsFull = new(
        FailureKind.Conflict,
        "syncs_full",
        string.Create(CultureInfo.InvariantCulture, $"You have the {SyncLimits.OfATenant:N0} syncs that a tenant may keep. ") + HowToMakeRoom);

    /// <summary>The quota <c>ledger rows</c>.</summary>
    public static readonly Failure LedgersFull = new(
        FailureKind.Precondition,
        "ledgers_full",
        string.Create(
            CultureInfo.InvariantCulture, $"With this source the ledgers of your syncs would have more than the {SyncLimits.RowsOfATenant:N0} rows of a tenant. ")
        + HowToMakeRoom);

    private const string HowToMakeRoom =
        "Delete some that have ended (DELETE /api/v1/campaigns/syncs/{id}, zoho campaigns syncs delete ID), or have the operator of the platform shorten "
        + "Retention:Days; dry runs go by themselves a day after their end.";

    public static readonly Failure NotPaused = new(
        FailureKind.Conflict, "sync_not_paused", "The sync is not paused: it goes on by itself.");

    public static readonly Failure PausedByRequest = new(
        FailureKind.Conflict, "paused", "The sync was paused; resume it to go on.");
}
