using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>Where syncs may read tables from. Bound from <c>Sources</c>; a wrong value stops the start.</summary>
internal sealed class SourceOptions : IValidatableObject
{
    public const string Section = "Sources";

    private const int KeySize = 32;

    /// <summary>
    /// Database servers that a sync may connect to, by name or address, comma separated. With none, tables cannot be a source: whoever may
    /// create a sync could otherwise make the platform knock at any door of its network.
    /// </summary>
    public string Hosts { get; set; } = "";

    /// <summary>
    /// What connection strings are sealed with: 32 random bytes in base64, or several of them comma separated. The first seals, all open: a
    /// new one is put in front, and the old one is taken out once no job that began under it is left.
    /// </summary>
    public string Key { get; set; } = "";

    public IReadOnlyList<string> AllowedHosts => Split(Hosts);

    public IReadOnlyList<byte[]> Keys => [.. Split(Key).Select(Convert.FromBase64String)];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var keys = Split(Key);
        if (keys.Any(key => !IsKey(key)))
        {
            yield return new ValidationResult(
                "Sources:Key must be 32 bytes in base64, or several such keys, comma separated.", [nameof(Key)]);
        }

        if (AllowedHosts.Count > 0 && keys.Length == 0)
        {
            yield return new ValidationResult(
                "Sources:Key is missing: with Sources:Hosts set, it seals their connection strings.", [nameof(Key)]);
        }
    }

    private static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[33];
        return Convert.TryFromBase64String(key, bytes, out var written) && written == KeySize;
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

[OptionsValidator]
internal sealed partial class SourceOptionsValidator : IValidateOptions<SourceOptions>;
