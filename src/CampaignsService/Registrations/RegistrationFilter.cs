using System.Buffers.Binary;
using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>Which registrations a caller looks for.</summary>
/// <param name="Status">With this status as it is shown; unspecified for any.</param>
/// <param name="Email">Of this mailbox; null for anybody's.</param>
/// <param name="CreatedAfter">Submitted then or later; null for ever.</param>
/// <param name="CreatedBefore">Submitted before; null for until now.</param>
/// <param name="OldestFirst">Else the newest is.</param>
internal sealed record RegistrationFilter(
    RegistrationStatus Status, string? Email, DateTimeOffset? CreatedAfter, DateTimeOffset? CreatedBefore, bool OldestFirst)
{
    /// <summary>The least id of those that were submitted at this millisecond or later: an id begins with its time (UUID version 7).</summary>
    public static Guid FirstIdOf(DateTimeOffset time)
    {
        Span<byte> id = stackalloc byte[16];
        id.Clear();
        BinaryPrimitives.WriteInt64BigEndian(id, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(id, bigEndian: true);
    }
}
