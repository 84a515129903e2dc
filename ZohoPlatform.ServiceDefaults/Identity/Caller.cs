namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>Who asks: what a ticket says and what an audit entry keeps.</summary>
/// <param name="Tenant">Whose data the call may touch.</param>
/// <param name="Role">What the call may do.</param>
/// <param name="Subject">Which key, person or service: <c>key:9f2c...</c>, <c>service:campaigns</c>. At most 100 characters.</param>
public sealed record Caller(TenantId Tenant, Role Role, string Subject)
{
    /// <summary>Whose connections and rows alone the call may touch; null: those of all owners in the tenant.</summary>
    public string? Owner { get; init; }

    /// <summary>What it may do beside its role: <see cref="Permissions"/>, separated by spaces as in OAuth's scope.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The network address it asks from, for the audit; null where it is a service of the platform.</summary>
    public string? From { get; init; }

    /// <summary>Whether its <see cref="Scope"/> has <paramref name="permission"/> for <paramref name="resource"/>.</summary>
    public bool May(string permission, string resource) =>
        Scope.Split(' ').Contains(Permissions.Of(permission, resource), StringComparer.Ordinal);
}

/// <summary>What a caller may do; each role may do what those before it may.</summary>
public enum Role
{
    /// <summary>Read.</summary>
    Viewer,

    /// <summary>Read, and use what is configured: push contacts, run jobs.</summary>
    Operator,

    /// <summary>All of a tenant: connections, settings, keys.</summary>
    Admin,

    /// <summary>A service of the platform on its own account (<see cref="TrustedIssuer.Calls"/>). No API key has it.</summary>
    Service,
}
