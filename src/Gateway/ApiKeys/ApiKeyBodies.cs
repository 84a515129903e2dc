using System.ComponentModel.DataAnnotations;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.ApiKeys;

/// <summary>A key to make.</summary>
/// <param name="Name">What uses it, for the people who read the list: 1 to 100 characters.</param>
/// <param name="Role"><c>viewer</c> reads, <c>operator</c> also pushes contacts and runs tests, <c>admin</c> does everything in its tenant.</param>
/// <param name="ExpiresAt">Until when it works; for ever when absent.</param>
internal sealed record NewApiKey([property: Required] string? Name, [property: Required] string? Role, DateTimeOffset? ExpiresAt)
{
    public const int MaxName = 100;

    public Result<Checked> Check(DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > MaxName || Name.Any(char.IsControl))
        {
            return Failure.InvalidField("name", $"name must have 1 to {MaxName} characters and no control characters.");
        }

        if (!ApiNames.TryParse<Role>(Role, out var role) || role > ServiceDefaults.Identity.Role.Admin)
        {
            return Failure.InvalidField("role", "role must be viewer, operator or admin.");
        }

        return ExpiresAt <= now
            ? Failure.InvalidField("expires_at", "expires_at must be in the future.")
            : new Checked(Name.Trim(), role, ExpiresAt?.ToUniversalTime());
    }

    internal sealed record Checked(string Name, Role Role, DateTimeOffset? ExpiresAt);
}

/// <summary>A key without its secret.</summary>
internal sealed record ApiKeyBody(
    string Id, string Name, string Role, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt)
{
    public static ApiKeyBody Of(ApiKey key) =>
        new(key.Id, key.Name, ApiNames.Of(key.Role), key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.LastUsedAt);
}

internal sealed record ApiKeyList(IReadOnlyList<ApiKeyBody> Keys);

/// <summary>A new key. Key is the whole of it, <c>zp_...</c>: no other answer ever holds it.</summary>
internal sealed record CreatedApiKey(string Id, string Name, string Role, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string Key)
{
    public static CreatedApiKey Of(ApiKey key, ApiKeyText text) =>
        new(key.Id, key.Name, ApiNames.Of(key.Role), key.CreatedAt, key.ExpiresAt, text.Reveal());
}
