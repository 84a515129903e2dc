using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Gates;
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

    /// <summary>Whose registration it is (<see cref="EmailSubject"/>), however the address is spelled.</summary>
    public required byte[] Subject { get; init; }

    public required Contact Contact { get; init; }

    public required RegistrationStatus Status { get; set; }

    public string? Code { get; set; }

    public string? Message { get; set; }

    /// <summary>How often Zoho was asked to take it.</summary>
    public int Attempts { get; set; }

    /// <summary>The connection through which Zoho was asked last; null before.</summary>
    public string? ConnectionId { get; set; }

    /// <summary>Whose account that opens, for people.</summary>
    public string? AccountName { get; set; }

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
            ConnectionId = ConnectionId ?? "",
            AccountName = AccountName ?? "",
            CreatedAt = CreatedAt.ToTimestamp(),
            UpdatedAt = UpdatedAt.ToTimestamp(),
            NextAttemptAt = next?.ToTimestamp(),
        };
    }
}
