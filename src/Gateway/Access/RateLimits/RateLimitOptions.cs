using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Gateway.Access.RateLimits;

/// <summary>
/// How fast clients may ask: each from 1 to 1,000,000, and less than what it is a share of. Bound from <c>RateLimits</c>; a wrong value stops
/// the start.
/// </summary>
internal sealed class RateLimitOptions : IValidatableObject
{
    public const string Section = "RateLimits";

    /// <summary>Requests of one API key in a minute, over all replicas.</summary>
    public int PerMinute { get; set; } = 600;

    /// <summary>How many of them may come at once.</summary>
    public int Burst { get; set; } = 600;

    /// <summary>Those of all keys that are bound to one owner, in a minute or at once.</summary>
    public int OwnerPerMinute { get; set; } = 1_200;

    /// <summary>Those of all keys of one tenant.</summary>
    public int TenantPerMinute { get; set; } = 6_000;

    /// <summary>Requests for one purpose without a key from one address in a minute, where an endpoint takes such.</summary>
    public int AnonymousPerMinute { get; set; } = 60;

    /// <summary>Notifications of a provider for one channel from one address in a minute or at once.</summary>
    public int HooksPerChannel { get; set; } = 600;

    /// <summary>Those for all channels.</summary>
    public int HooksPerAddress { get; set; } = 6_000;

    /// <summary>Notifications that one address may have on their way at one replica.</summary>
    public int HooksAtOncePerAddress { get; set; } = 16;

    /// <summary>Those of all addresses.</summary>
    public int HooksAtOnce { get; set; } = 64;

    /// <summary>Streams, of gRPC and of events, that one key may have open at one replica.</summary>
    public int StreamsPerKey { get; set; } = 20;

    /// <summary>Those of all keys that are bound to one owner.</summary>
    public int StreamsPerOwner { get; set; } = 40;

    /// <summary>Those of all keys of one tenant.</summary>
    public int StreamsPerTenant { get; set; } = 200;

    /// <summary>Those without a key from one address, for one purpose.</summary>
    public int StreamsPerAddress { get; set; } = 10;

    /// <summary>Uploads, by gRPC and by REST, that one key may have on their way at one replica.</summary>
    public int UploadsPerKey { get; set; } = 4;

    /// <summary>Those of all keys of one tenant.</summary>
    public int UploadsPerTenant { get; set; } = 8;

    /// <summary>Those of all tenants.</summary>
    public int UploadsAtOnce { get; set; } = 64;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => OutOfRange().Concat(NoShares());

    private IEnumerable<ValidationResult> OutOfRange() =>
        new[]
        {
            (nameof(PerMinute), PerMinute),
            (nameof(Burst), Burst),
            (nameof(OwnerPerMinute), OwnerPerMinute),
            (nameof(TenantPerMinute), TenantPerMinute),
            (nameof(AnonymousPerMinute), AnonymousPerMinute),
            (nameof(HooksPerChannel), HooksPerChannel),
            (nameof(HooksPerAddress), HooksPerAddress),
            (nameof(HooksAtOncePerAddress), HooksAtOncePerAddress),
            (nameof(HooksAtOnce), HooksAtOnce),
            (nameof(StreamsPerKey), StreamsPerKey),
            (nameof(StreamsPerOwner), StreamsPerOwner),
            (nameof(StreamsPerTenant), StreamsPerTenant),
            (nameof(StreamsPerAddress), StreamsPerAddress),
            (nameof(UploadsPerKey), UploadsPerKey),
            (nameof(UploadsPerTenant), UploadsPerTenant),
            (nameof(UploadsAtOnce), UploadsAtOnce),
        }
        .Where(setting => setting.Item2 is < 1 or > 1_000_000)
        .Select(setting => new ValidationResult($"{Section}:{setting.Item1} must be 1 to 1000000; it is {setting.Item2}."));

    // one that has all of what it is a share of keeps the others out
    private IEnumerable<ValidationResult> NoShares() =>
        new[]
        {
            (nameof(PerMinute), PerMinute, nameof(OwnerPerMinute), OwnerPerMinute),
            (nameof(Burst), Burst, nameof(OwnerPerMinute), OwnerPerMinute),
            (nameof(OwnerPerMinute), OwnerPerMinute, nameof(TenantPerMinute), TenantPerMinute),
            (nameof(HooksPerChannel), HooksPerChannel, nameof(HooksPerAddress), HooksPerAddress),
            (nameof(HooksAtOncePerAddress), HooksAtOncePerAddress, nameof(HooksAtOnce), HooksAtOnce),
            (nameof(StreamsPerKey), StreamsPerKey, nameof(StreamsPerOwner), StreamsPerOwner),
            (nameof(StreamsPerOwner), StreamsPerOwner, nameof(StreamsPerTenant), StreamsPerTenant),
            (nameof(UploadsPerKey), UploadsPerKey, nameof(UploadsPerTenant), UploadsPerTenant),
            (nameof(UploadsPerTenant), UploadsPerTenant, nameof(UploadsAtOnce), UploadsAtOnce),
        }
        .Where(share => share.Item2 >= share.Item4)
        .Select(share => new ValidationResult(
            $"{Section}:{share.Item1} must be less than {Section}:{share.Item3}, of which it is a share; "
                + $"they are {share.Item2} and {share.Item4}."));
}

[OptionsValidator]
internal sealed partial class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>;
