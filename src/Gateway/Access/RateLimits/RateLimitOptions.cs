using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>How fast clients may ask: each from 1 to 1,000,000. Bound from <c>RateLimits</c>; a wrong value stops the start.</summary>
internal sealed class RateLimitOptions : IValidatableObject
{
    public const string Section = "RateLimits";

    /// <summary>Requests of one API key in a minute, over all replicas.</summary>
    public int PerMinute { get; set; } = 600;

    /// <summary>How many of them may come at once.</summary>
    public int Burst { get; set; } = 600;

    /// <summary>Requests without a key from one address in a minute, where an endpoint takes such.</summary>
    public int AnonymousPerMinute { get; set; } = 60;

    /// <summary>Streams, of gRPC and of events, that one key may have open at one replica.</summary>
    public int StreamsPerKey { get; set; } = 20;

    /// <summary>Those of all keys that are bound to one owner.</summary>
    public int StreamsPerOwner { get; set; } = 40;

    /// <summary>Those of all keys of one tenant.</summary>
    public int StreamsPerTenant { get; set; } = 200;

    /// <summary>Those without a key from one address.</summary>
    public int StreamsPerAddress { get; set; } = 10;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        new[]
        {
            (nameof(PerMinute), PerMinute),
            (nameof(Burst), Burst),
            (nameof(AnonymousPerMinute), AnonymousPerMinute),
            (nameof(StreamsPerKey), StreamsPerKey),
            (nameof(StreamsPerOwner), StreamsPerOwner),
            (nameof(StreamsPerTenant), StreamsPerTenant),
            (nameof(StreamsPerAddress), StreamsPerAddress),
        }
        .Where(setting => setting.Item2 is < 1 or > 1_000_000)
        .Select(setting => new ValidationResult($"{Section}:{setting.Item1} must be 1 to 1000000; it is {setting.Item2}."));
}

[OptionsValidator]
internal sealed partial class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>;
