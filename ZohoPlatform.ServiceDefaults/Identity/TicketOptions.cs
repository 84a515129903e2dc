using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>What a service signs its tickets with. Bound from <c>Tickets</c>; a wrong value stops the start.</summary>
public sealed class TicketOptions : IValidatableObject
{
    public const string Section = "Tickets";

    /// <summary>
    /// This service's own private key on the curve P-256: PKCS #8 in base64. No other service knows it. To replace it, add the new public key
    /// at every service that hears this one (<see cref="TrustOptions"/>), then change the key here, then take the old public key out.
    /// </summary>
    public string SigningKey { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        using var key = TicketKeys.Private(SigningKey);
        if (key is null)
        {
            yield return new ValidationResult(
                $"Tickets:SigningKey {(SigningKey.Length == 0 ? "is missing" : "is not a private key on P-256 (PKCS #8 in base64)")}; make one with: "
                    + "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkcs8 -topk8 -nocrypt -outform DER | base64 -w0",
                [nameof(SigningKey)]);
        }
    }
}

/// <summary>Whose tickets a service hears. Bound from <c>Tickets</c>; a wrong value stops the start.</summary>
public sealed partial class TrustOptions : IValidatableObject
{
    /// <summary>The services that may call this one, by name: <c>Tickets:Issuers:campaigns:Keys</c>.</summary>
    public IDictionary<string, TrustedIssuer> Issuers { get; } = new Dictionary<string, TrustedIssuer>(StringComparer.Ordinal);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Issuers.Count == 0)
        {
            yield return new ValidationResult(
                "Tickets:Issuers names nobody: set Tickets:Issuers:{service}:Keys to the public key of each service that calls this one. "
                    + "It is made of the private one with: base64 -d | openssl pkey -inform DER -pubout -outform DER | base64 -w0",
                [nameof(Issuers)]);
        }

        foreach (var (name, issuer) in Issuers)
        {
            if (TicketKeys.Split(issuer.Keys) is not { Length: > 0 } keys || keys.Any(key => !TicketKeys.IsPublic(key)))
            {
                yield return new ValidationResult(
                    $"Tickets:Issuers:{name}:Keys holds something else than public keys on P-256 (SubjectPublicKeyInfo in base64, several "
                        + "separated by commas); one is made of a private key with: base64 -d | openssl pkey -inform DER -pubout -outform DER | base64 -w0",
                    [nameof(Issuers)]);
            }

            if (issuer.SplitCalls().FirstOrDefault(call => !Call().IsMatch(call)) is { } wrong)
            {
                yield return new ValidationResult(
                    $"Tickets:Issuers:{name}:Calls has '{wrong}'; it holds gRPC services and methods, separated by commas, such as "
                        + "zohoplatform.tokens.v1.AccessTokens, zohoplatform.audit.v1.AuditLog/ListHeads.",
                    [nameof(Issuers)]);
            }
        }
    }

    [GeneratedRegex(@"^([a-z][a-z0-9_]*\.)+[A-Z][A-Za-z0-9]*(/[A-Z][A-Za-z0-9]*)?\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Call();
}

/// <summary>A service whose tickets are heard.</summary>
public sealed class TrustedIssuer
{
    /// <summary>Public keys on P-256: SubjectPublicKeyInfo in base64, separated by commas. Two while one replaces the other.</summary>
    public string Keys { get; set; } = "";

    /// <summary>
    /// Whether it may speak for API keys and people, with roles up to admin: the gateway, which checked them. Any other may speak for itself
    /// alone, <c>service:{name}</c>.
    /// </summary>
    public bool SpeaksForCallers { get; set; }

    /// <summary>
    /// What it may call on its own account, for any tenant: gRPC services and methods, separated by commas
    /// (<c>zohoplatform.tokens.v1.AccessTokens, zohoplatform.audit.v1.AuditLog/ListHeads</c>). Nothing else; such a call needs no role.
    /// </summary>
    public string Calls { get; set; } = "";

    internal string[] SplitCalls() => Calls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

[OptionsValidator]
internal sealed partial class TicketOptionsValidator : IValidateOptions<TicketOptions>;

[OptionsValidator]
internal sealed partial class TrustOptionsValidator : IValidateOptions<TrustOptions>;
