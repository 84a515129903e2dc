using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.CampaignsService.Retention;

/// <summary>How long registrations and syncs are kept once nothing more is to be done for them.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>
    /// So many days after its last change a registration that is not waiting any more is deleted, and after its end a sync with its ledger.
    /// 730 unless set; 0 deletes nothing. Who opted out stays known, as a keyed hash.
    /// </summary>
    [Range(0, 36_500, ErrorMessage = "Retention:Days is no number of days: set 1 to 36500, or 0 to keep everything.")]
    public int Days { get; set; } = 730;
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
