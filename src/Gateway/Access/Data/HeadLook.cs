namespace ZohoPlatform.Gateway.Access.Data;

/// <summary>When a replica last looked where a service's audits end, and from where the next look goes on.</summary>
internal sealed class HeadLook
{
    public required string Service { get; init; }

    public required DateTimeOffset LookedAt { get; init; }

    /// <summary>As the service gave it; empty before the first look has ended.</summary>
    public required string Since { get; init; }
}
