using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Providers.HubSpot;

/// <summary>
/// Which generation of HubSpot's OAuth endpoints is called. Bound from <c>Providers:HubSpot</c>; a wrong value stops the start.
/// </summary>
public sealed class HubSpotOptions
{
    public const string Section = "Providers:HubSpot";

    internal const string DateBased = "2026-03";
    internal const string V1 = "v1";

    /// <summary>
    /// <c>2026-03</c>, or <c>v1</c> for an app that still depends on the older one, which HubSpot ends on 16 February 2027 (HubSpot,
    /// "Migrate from the OAuth v1 API").
    /// </summary>
    [AllowedValues(DateBased, V1, ErrorMessage = $"Providers:HubSpot:OAuthVersion must be {DateBased} or {V1}.")]
    public string OAuthVersion { get; set; } = DateBased;
}

[OptionsValidator]
internal sealed partial class HubSpotOptionsValidator : IValidateOptions<HubSpotOptions>;
