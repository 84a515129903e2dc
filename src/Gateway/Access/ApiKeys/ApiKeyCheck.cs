using System.Net.Http.Headers;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>
/// Who asks, by <c>Authorization: Bearer zp_...</c> of a request, whether it came by REST or gRPC. Wrong keys are not counted: all of a
/// company's apps may sit behind one address, and none may wait because another one's key is wrong. What they cost is bounded by
/// <see cref="ApiKeyVerifier"/> and <see cref="KeyDirectory"/>.
/// </summary>
internal sealed class ApiKeyCheck(ApiKeyVerifier verifier)
{
    public static readonly Failure Missing = new(
        FailureKind.Unauthenticated, "key_missing", "This needs an API key: send it as Authorization: Bearer zp_...");
    public static readonly Failure Invalid = new(
        FailureKind.Unauthenticated, "key_invalid", "The API key is unknown, expired or deleted: ask an admin of your tenant for a new one.");

    /// <summary>The key of a request; null where it shows none.</summary>
    public static string? TextOf(HttpContext context) =>
        AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
            && "Bearer".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase) && header.Parameter is { Length: > 0 } text
            ? text
            : null;

    public async Task<Result<Caller>> CheckAsync(HttpContext context)
    {
        if (TextOf(context) is not { } text)
        {
            return Missing;
        }

        return await verifier.VerifyAsync(text, context.RequestAborted) is { } caller
            ? caller with { From = From(context) }
            : Invalid;
    }

    // as a person reads it: an IPv4 address also where the socket speaks IPv6
    private static string? From(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : null;
}
