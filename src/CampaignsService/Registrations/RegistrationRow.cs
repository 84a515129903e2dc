using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// One registration and what became of it. <see cref="Status"/> is about this contact alone; what stands in the way of the whole tenant is a
/// <see cref="PushBlock"/>, and a reader sees both through <see cref="Seen"/>.
/// </summary>
internal sealed class RegistrationRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>Version 7, so that the newest sorts last.</summary>
    public required Guid Id { get; init; }

    public string? IdempotencyKey { get; init; }

    public required Contact Contact { get; init; }

    public required RegistrationStatus Status { get; set; }

    public string? Code { get; set; }

    public string? Message { get; set; }

    /// <summary>How often Zoho was asked to take it.</summary>
    public int Attempts { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>Still on its way to Zoho.</summary>
    public bool IsWaiting => Status is RegistrationStatus.Pending or RegistrationStatus.Retrying;

    /// <summary>This registration as a caller sees it while <paramref name="block"/> stands in its tenant's way, if any does.</summary>
    public Registration Seen(PushBlock? block)
    {
        var (status, code, message, next) = block is not null && IsWaiting
            ? (block.Status, block.Code, block.Message, NextAttemptAt > block.Until ? NextAttemptAt : block.Until)
            : (Status, Code, Message, NextAttemptAt);
        return new Registration
        {
            Id = Id.ToString(),
            Fields = Contact.ToWire(),
            Status = status,
            Code = code ?? "",
            Message = message ?? "",
            Attempts = Attempts,
            CreatedAt = CreatedAt.ToTimestamp(),
            UpdatedAt = UpdatedAt.ToTimestamp(),
            NextAttemptAt = next?.ToTimestamp(),
        };
    }
}

/// <summary>
/// Why nothing of this tenant can be pushed at the moment: something is not set up, or the way to Zoho fails. Kept once for the tenant instead
/// of once for each of its waiting registrations, of which there may be very many.
/// </summary>
internal sealed class PushBlock
{
    public required TenantId TenantId { get; init; }

    /// <summary>NOT_CONFIGURED or RETRYING: what every waiting registration of the tenant is while this stands.</summary>
    public required RegistrationStatus Status { get; set; }

    public required string Code { get; set; }

    public required string Message { get; set; }

    /// <summary>When one registration tries again whether it still stands.</summary>
    public required DateTimeOffset Until { get; set; }
}
