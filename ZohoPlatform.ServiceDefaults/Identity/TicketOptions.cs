using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>The key ring of the tickets between services. Bound from <c>Tickets</c>; a wrong value stops the start.</summary>
public sealed class TicketOptions : IValidatableObject
{
    public const string Section = "Tickets";

    /// <summary>
    /// Secrets of 32 bytes or more in base64, separated by commas, the same for every service. The first one seals; all of them open,
    /// so that a key is replaced in two rollouts: added second, then moved first.
    /// </summary>
    [Required(ErrorMessage = "Tickets:Key is missing: set it to 32 random bytes in base64, the same for every service.")]
    public string Key { get; set; } = "";

    internal IReadOnlyList<byte[]> Secrets =>
        [.. Key.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Convert.FromBase64String)];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var part in Key.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = new byte[part.Length];
            if (!Convert.TryFromBase64String(part, bytes, out var length) || length < 32)
            {
                yield return new ValidationResult(
                    "Tickets:Key holds a part that is not base64 of at least 32 bytes; make one with: openssl rand -base64 32", [nameof(Key)]);
            }
        }
    }
}

[OptionsValidator]
internal sealed partial class TicketOptionsValidator : IValidateOptions<TicketOptions>;
