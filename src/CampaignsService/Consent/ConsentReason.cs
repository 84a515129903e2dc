using System.Text;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Consent;

/// <summary>Why somebody who has left may be written to again, in a person's words.</summary>
internal static class ConsentReason
{
    public const int MaxLength = 500;

    /// <summary>What a reason has to be, behind "must"; a sentence that has to be ended.</summary>
    public static readonly string Rule =
        $"say in 1 to {MaxLength} characters on one line how people agreed, without an address, with {ShownText.Rule}";

    /// <summary>A full-width @ is one, too.</summary>
    public static bool IsGood(string reason) => reason.Trim().Length is > 0 and <= MaxLength && !reason.Any(ShownText.IsHidden)
        && !reason.Normalize(NormalizationForm.FormKC).Contains('@', StringComparison.Ordinal);
}
