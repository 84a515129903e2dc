using System.Text.Json;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Audit;

/// <summary>Who did what to which connection or setting. Holds fingerprints, never secrets.</summary>
internal sealed class AuditEntry
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The tenant's entries count up from 1 without gaps; given by <see cref="AuditChain"/> when the entry is written.</summary>
    public long Sequence { get; init; }

    /// <summary>To the microsecond, as PostgreSQL keeps it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The ticket's subject: <c>key:9f2c...</c>, <c>service:campaigns</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The connection's id, <c>settings:zoho</c> or <c>webhook:</c> and its id.</summary>
    public required string Subject { get; init; }

    /// <summary>A JSON object: what the action was about.</summary>
    public required string Details { get; init; }

    public static AuditEntry Of(TenantId tenant, DateTimeOffset at, string actor, string action, string subject, object details) => new()
    {
        TenantId = tenant,
        Id = Guid.CreateVersion7(at),
        At = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond)),
        Actor = actor,
        Action = action,
        Subject = subject,
        Details = JsonSerializer.Serialize(details, JsonOptions),
    };

    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

internal static class AuditActions
{
    public const string ConnectionCreated = "connection.created";
    public const string ConnectionReplaced = "connection.replaced";
    public const string ConnectionDeleted = "connection.deleted";
    public const string GrantRevoked = "grant.revoked";
    public const string SettingsChanged = "settings.changed";
    public const string WebhookCreated = "webhook.created";
    public const string WebhookDeleted = "webhook.deleted";
    public const string WebhookDisabled = "webhook.disabled";
    public const string WebhookEnabled = "webhook.enabled";
    public const string TokenHandedOut = "token.handed_out";

    public static readonly IReadOnlyList<string> All =
    [
        ConnectionCreated, ConnectionReplaced, ConnectionDeleted, GrantRevoked, SettingsChanged, WebhookCreated, WebhookDeleted,
        WebhookDisabled, WebhookEnabled, TokenHandedOut,
    ];
}
