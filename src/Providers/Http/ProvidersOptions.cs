using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Providers.Http;

/// <summary>How the providers are reached. Bound from <c>Providers</c>; a wrong value stops the start.</summary>
public sealed class ProvidersOptions : IValidatableObject
{
    public const string Section = "Providers";

    /// <summary>
    /// Where the simulator plays every provider host; the real ones are called when it is unset. Plain http only on loopback,
    /// because secrets and tokens go there.
    /// </summary>
    public Uri? SimulatorUrl { get; set; }

    public QuotaOptions Quota { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SimulatorUrl is { } url && !IsSimulatorAddress(url))
        {
            yield return new ValidationResult(
                "Providers:SimulatorUrl must be an address like http://127.0.0.1:8200 (loopback) or https://simulator.example, without "
                + "query or user.",
                [nameof(SimulatorUrl)]);
        }

        if (Quota.Ceiling is not (> 0 and <= 1))
        {
            yield return new ValidationResult("Providers:Quota:Ceiling must be a share above 0 and up to 1, such as 0.8.", [nameof(Quota)]);
        }
    }

    private static bool IsSimulatorAddress(Uri url) =>
        url.IsAbsoluteUri
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0;
}

/// <summary>How much of a provider's quota the platform uses.</summary>
public sealed class QuotaOptions
{
    /// <summary>
    /// The share of each documented limit that is used at most. The rest is for what the platform cannot count: the customer's other
    /// clients and calls that are on their way. Going over a limit locks the method for everyone, at Zoho Campaigns for 30 minutes.
    /// </summary>
    public double Ceiling { get; set; } = 0.8;
}

[OptionsValidator]
internal sealed partial class ProvidersOptionsValidator : IValidateOptions<ProvidersOptions>;
