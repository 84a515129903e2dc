using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Gateway.RateLimits;

/// <summary>How fast clients may ask. Bound from <c>RateLimits</c>; a wrong value stops the start.</summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>Requests of one API key in a minute, over all replicas.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:PerMinute must be 1 to 1000000.")]
    public int PerMinute { get; set; } = 600;

    /// <summary>How many of them may come at once.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:Burst must be 1 to 1000000.")]
    public int Burst { get; set; } = 600;

    /// <summary>Wrong keys from one address in a minute; further keys that are not known yet are then refused unread.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:FailedKeysPerMinute must be 1 to 1000000.")]
    public int FailedKeysPerMinute { get; set; } = 30;

    /// <summary>Requests without a key from one address in a minute, where an endpoint takes such.</summary>
    [Range(1, 1_000_000, ErrorMessage = "RateLimits:AnonymousPerMinute must be 1 to 1000000.")]
    public int AnonymousPerMinute { get; set; } = 60;
}

[OptionsValidator]
internal sealed partial class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>;
