using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

internal static class ApiKeyMapping
{
    private const int MaxName = 100;

    extension(NewApiKey body)
    {
        /// <summary>What is to be made, or which field is wrong.</summary>
        public Result<WantedApiKey> Check(DateTimeOffset now)
        {
            if (string.IsNullOrWhiteSpace(body.Name) || body.Name.Length > MaxName || body.Name.Any(char.IsControl))
            {
                return Failure.InvalidField("name", $"name must have 1 to {MaxName} characters and no control characters.");
            }

            if (body.Role is KeyRole.Unknown)
            {
                return Failure.InvalidField("role", $"role must be one of {string.Join(", ", ApiName.All<KeyRole>())}.");
            }

            return body.ExpiresAt <= now
                ? Failure.InvalidField("expires_at", "expires_at must be in the future.")
                : new WantedApiKey(body.Name.Trim(), body.Role.As<Role>(), body.ExpiresAt?.ToUniversalTime());
        }
    }

    extension(ApiKey key)
    {
        public Api.Keys.ApiKey ToApi() =>
            new(key.Id, key.Name, key.Role.As<KeyRole>(), key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.LastUsedAt);

        public CreatedApiKey ToCreated(ApiKeyText text) =>
            new(key.Id, key.Name, key.Role.As<KeyRole>(), key.CreatedAt, key.ExpiresAt, text.Reveal());
    }
}

internal sealed record WantedApiKey(string Name, Role Role, DateTimeOffset? ExpiresAt);
