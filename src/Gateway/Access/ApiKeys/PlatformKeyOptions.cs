using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>The key that manages tenants, and where it is written to. Bound from <c>Bootstrap</c>; a wrong value stops the start.</summary>
internal sealed partial class PlatformKeyOptions : IValidatableObject
{
    public const string Section = "Bootstrap";

    /// <summary>
    /// Secret part of the platform key, <c>zp_bootstrap_{AdminKey}</c>: an admin key of the tenant <c>demo</c> that may also make tenants.
    /// Without it there is no such key.
    /// </summary>
    public string? AdminKey { get; set; }

    /// <summary>Where to write <c>ZOHO_PLATFORM_API_KEY=...</c>, readable by this user alone; nowhere when unset.</summary>
    public string? EnvFile { get; set; }

    /// <summary>Written there too, as <c>ZOHO_PLATFORM_URL=...</c>: where this gateway is called; left out when unset.</summary>
    public string? Url { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AdminKey is not null && !AdminKeyShape.IsMatch(AdminKey))
        {
            yield return new ValidationResult("Bootstrap:AdminKey must have 32 to 128 letters and digits (A-Z, a-z, 0-9) and nothing else.");
        }

        if (EnvFile is not null && AdminKey is null)
        {
            yield return new ValidationResult("Bootstrap:EnvFile is set, but Bootstrap:AdminKey is not: there is no key to write there.");
        }

        if (EnvFile is not null && Path.GetDirectoryName(Path.GetFullPath(EnvFile)) is var folder && !Directory.Exists(folder))
        {
            yield return new ValidationResult($"Bootstrap:EnvFile lies in {folder}, which does not exist.");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9]{32,128}\\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AdminKeyShape { get; }
}

[OptionsValidator]
internal sealed partial class PlatformKeyOptionsValidator : IValidateOptions<PlatformKeyOptions>;
