namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>Who asks: what a ticket says and what an audit entry keeps.</summary>
/// <param name="Tenant">Whose data the call may touch.</param>
/// <param name="Role">What the call may do.</param>
/// <param name="Subject">Which key, person or service: <c>key:9f2c...</c>, <c>service:campaigns</c>. At most 100 characters.</param>
/// <param name="From">The network address it asks from, for the audit; null where it is a service of the platform.</param>
public sealed record Caller(TenantId Tenant, Role Role, string Subject, string? From = null);

/// <summary>What a caller may do; each role may do what those before it may.</summary>
public enum Role
{
    /// <summary>Read.</summary>
    Viewer,

    /// <summary>Read, and use what is configured: push contacts, run jobs.</summary>
    Operator,

    /// <summary>All of a tenant: connections, settings, keys.</summary>
    Admin,

    /// <summary>A service of the platform on a tenant's behalf; the only role that is handed access tokens. No API key has it.</summary>
    Service,
}
