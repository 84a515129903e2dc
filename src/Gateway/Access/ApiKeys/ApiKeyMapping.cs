using ZohoPlatform.Api;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

internal static class ApiKeyMapping
{
    private const int MaxName = 100;

    // a ticket names them all
    private const int MaxConnections = 20;

    extension(NewApiKey body)
    {
        /// <summary>What is to be made, or which field is wrong.</summary>
        public Result<WantedApiKey> Check(DateTimeOffset now)
        {
            if (!NameOf(body.Name).Succeeded(out var name, out var unnamed))
            {
                return unnamed;
            }

            if (body.Role is KeyRole.Unknown)
            {
                return Failure.InvalidField("role", $"role must be one of {string.Join(", ", ApiName.All<KeyRole>())}.");
            }

            if (body.ExpiresAt <= now)
            {
                return Failure.InvalidField("expires_at", "expires_at must be in the future.");
            }

            if (body.Owner is { } owner && !OwnerName.IsOne(owner))
            {
                return Failure.InvalidField("owner", $"owner must be {OwnerName.Rule}; leave it out for all owners.");
            }

            // settings, keys and the audit are the whole tenant's
            if (body.Owner is not null && body.Role is KeyRole.Admin)
            {
                return Failure.InvalidField("role", "A key that is bound to an owner may be viewer or operator: an admin looks after the whole tenant.");
            }

            return ConnectionsIn(body.Permissions ?? []).Succeeded(out var connections, out var failure)
                ? new WantedApiKey(name, body.Role.As<Role>(), body.ExpiresAt?.ToUniversalTime(), body.Owner, connections)
                : failure;
        }
    }

    /// <summary>A key's name as it is kept.</summary>
    public static Result<string> NameOf(string? name) => string.IsNullOrWhiteSpace(name) || name.Length > MaxName || name.Any(ShownText.IsHidden)
        ? Failure.InvalidField("name", $"name must have 1 to {MaxName} characters, {ShownText.Rule}.")
        : name.Trim();

    private static Result<List<string>> ConnectionsIn(IReadOnlyList<PermissionEntry> permissions)
    {
        if (permissions.Any(permission => permission?.Name is not Permissions.TokensRead))
        {
            return Failure.InvalidField("permissions", $"permissions may hold {Permissions.TokensRead}.");
        }

        var connections = permissions.SelectMany(permission => permission.ConnectionIds).Distinct(StringComparer.Ordinal).ToList();
        return permissions.Any(permission => permission.ConnectionIds.Count == 0) || connections.Count > MaxConnections
            ? Failure.InvalidField("permissions", $"connection_ids must name 1 to {MaxConnections} connections.")
            : connections;
    }

    extension(ApiKey key)
    {
        public Api.Keys.ApiKey ToApi(IReadOnlyList<KeyConnection> connections, DateTimeOffset now) => new(
            key.Id, key.Name, key.Role.As<KeyRole>(), key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.LastUsedAt, key.Owner,
            PermissionsFor(key.ConnectionIds), connections)
        {
            PreviousSecretEndsAt = now < key.PreviousEndsAt ? key.PreviousEndsAt : null,
        };

        public CreatedApiKey ToCreated(ApiKeyText text, IReadOnlyList<KeyConnection> connections) => new(
            key.Id, key.Name, key.Role.As<KeyRole>(), key.CreatedAt, key.ExpiresAt, text.Reveal(), key.Owner, PermissionsFor(key.ConnectionIds), connections);
    }

    extension(Caller caller)
    {
        public IReadOnlyList<PermissionEntry> PermissionEntries => PermissionsFor(ApiKey.ConnectionsIn(caller.Scope.Split(' ')));
    }

    private static IReadOnlyList<PermissionEntry> PermissionsFor(IEnumerable<string> connections) =>
        connections.ToList() is { Count: > 0 } ids ? [new PermissionEntry(Permissions.TokensRead, ids)] : [];
}

/// <summary>A key to make.</summary>
/// <param name="Name">What uses it.</param>
/// <param name="Role">What it may do.</param>
/// <param name="ExpiresAt">Until when; for ever when null.</param>
/// <param name="Owner">Whose connections alone it sees; all owners' when null.</param>
/// <param name="Connections">Those whose tokens it is to be handed.</param>
internal sealed record WantedApiKey(string Name, Role Role, DateTimeOffset? ExpiresAt, string? Owner, IReadOnlyList<string> Connections);
