using ZohoPlatform.Api.Campaigns;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary>
/// One line of a sync with --json. Events: <c>uploaded</c> (source), <c>started</c> (id), <c>progress</c> (sync), <c>contact</c> (contact,
/// with --verbose), <c>detached</c> and <c>deleted</c> (id), and at the end <c>ended</c> or <c>paused</c> (sync, exit_code).
/// </summary>
internal sealed record SyncLine(string Event)
{
    public string? Id { get; init; }

    public UploadedSource? Source { get; init; }

    public Sync? Sync { get; init; }

    public SyncContact? Contact { get; init; }

    public int? ExitCode { get; init; }
}
