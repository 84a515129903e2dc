using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Sealing;

/// <summary>The keys that wrap the key ring. Bound from <c>Secrets</c>; a wrong value stops the start.</summary>
public sealed class MasterKeyOptions : IValidatableObject
{
    public const string Section = "Secrets";

    /// <summary>
    /// 32 random bytes in base64; several are separated by commas. The first one wraps, all of them open: a key is replaced in two
    /// rollouts, added second, then moved first; the start that finds it first wraps the whole ring with it. From the environment or a
    /// secret store, never from appsettings.json.
    /// </summary>
    public string? MasterKey { get; set; }

    /// <summary>Path of a file that holds the same, for secrets that are mounted. One of the two is set, not both.</summary>
    public string? MasterKeyFile { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Problem() is { } problem)
        {
            yield return new ValidationResult(problem);
        }
    }

    internal MasterKeys Read() => new([.. Parts().Select(part => new MasterKey(Convert.FromBase64String(part)))]);

    private string[] Parts() => (MasterKey ?? File.ReadAllText(MasterKeyFile!)).Split(',', StringSplitOptions.TrimEntries);

    private string? Problem()
    {
        switch (string.IsNullOrWhiteSpace(MasterKey), string.IsNullOrWhiteSpace(MasterKeyFile))
        {
            case (true, true):
                return "Secrets:MasterKey is missing: set it (or Secrets:MasterKeyFile) to the key that the stored secrets "
                    + "are sealed with; "
                    + "for a new installation make one with: openssl rand -base64 32";
            case (false, false):
                return "Secrets:MasterKey and Secrets:MasterKeyFile are both set: keep one of them.";
            case (true, false) when !File.Exists(MasterKeyFile):
                return "Secrets:MasterKeyFile names a file that does not exist.";
        }

        return Parts().All(IsKey)
            ? null
            : "Secrets:MasterKey holds a part that is not base64 of exactly 32 bytes; make one with: openssl rand -base64 32";
    }

    private static bool IsKey(string part)
    {
        var bytes = new byte[Sealing.MasterKey.Length + 3];
        return Convert.TryFromBase64String(part, bytes, out var length) && length == Sealing.MasterKey.Length;
    }
}

[OptionsValidator]
internal sealed partial class MasterKeyOptionsValidator : IValidateOptions<MasterKeyOptions>;
