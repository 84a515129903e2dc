using System.ComponentModel.DataAnnotations.Schema;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.TokenService.Budget;

/// <summary>
/// One request for an access token, written down before it is sent: also one whose sender died has used up a part of the provider's budget.
/// </summary>
internal sealed class RefreshAttempt
{
    public const string Sent = "sent";
    public const string Granted = "granted";

    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string GrantSha256 { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary><see cref="Sent"/>, <see cref="Granted"/>, or the failure's code.</summary>
    public required string Verdict { get; set; }

    /// <summary>What was left of the grant's budget when this was taken from it.</summary>
    [NotMapped]
    public int BudgetLeft { get; init; }
}
