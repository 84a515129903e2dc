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

    public static readonly Failure NotPaused = new(
        FailureKind.Conflict, "sync_not_paused", "The sync is not paused: it goes on by itself.");

    public static readonly Failure PausedByRequest = new(
        FailureKind.Conflict, "paused", "The sync was paused; resume it to go on.");
}
