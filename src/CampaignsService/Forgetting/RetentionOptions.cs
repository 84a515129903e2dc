using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>How long the platform keeps what it knows of people that nothing is to be done for any more.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>
    /// Days after which a registration that has ended, and a sync that has, are deleted with all that they hold of people; 0 keeps them. Two
    /// years where nothing is said. Hashes of who opted out stay.
    /// </summary>
    [Range(0, 36_500, ErrorMessage = "Retention:Days is no number of days: set 1 to 36500, or 0 to keep everything.")]
    public int Days { get; set; } = 730;
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
