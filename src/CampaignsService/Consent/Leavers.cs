using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Consent;

/// <summary>
/// Who has left a list at Zoho: no longer mailed there, though the list still has them. What that is called, wherever it is told.
/// </summary>
internal static class Leavers
{
    private const string Back = "With their consent an admin brings them back by a sync that says so (consent.resubscribe with a consent.reason).";

    /// <summary>The states of who has left. Who is shown in two has left in the later one.</summary>
    public static readonly IReadOnlyList<ListStatus> Statuses = [ListStatus.Unsubscribed, ListStatus.Bounced, ListStatus.Spam];

    /// <summary>By <see cref="Statuses"/>.</summary>
    public static readonly IReadOnlyList<string> Codes = ["left_at_zoho", "bounced", "marked_spam"];

    /// <inheritdoc cref="Codes"/>
    public static readonly IReadOnlyList<string> Messages =
    [
        $"The contact has unsubscribed from this list at Zoho and is not written to. {Back}",
        "Mail to this contact came back; Zoho Campaigns does not write to it any more.",
        "The contact has reported mail of this list as spam and is not written to.",
    ];

    /// <summary>Why nobody is written to.</summary>
    /// <param name="how">An index of <see cref="Statuses"/>.</param>
    public static Failure FailureOf(int how) => new(FailureKind.Precondition, Codes[how], Messages[how]);
}
