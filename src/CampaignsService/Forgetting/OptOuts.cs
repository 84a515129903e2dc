using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>Why an address is not brought onto a list.</summary>
internal enum OptOutReason
{
    /// <summary>The person was forgotten here.</summary>
    Forgotten = 1,

    /// <summary>Taken off a list through the platform.</summary>
    Unsubscribed = 2,

    /// <summary>Taken off all mail through the platform.</summary>
    DoNotMail = 3,
}

/// <summary>
/// Who does not want to be written to, by the keyed hash of the address (<c>SettingsStore.SubjectKeyAsync</c>): enough to keep somebody off a
/// list, and nothing to write to.
/// </summary>
internal static class OptOuts
{
    /// <summary>In the transaction of <paramref name="context"/>; the last reason is the one that counts.</summary>
    public static Task RememberAsync(
        CampaignsDbContext context, byte[] subject, OptOutReason reason, DateTimeOffset at, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO opt_outs (tenant_id, subject, reason, opted_out_at) VALUES ({context.Tenant.Value}, {subject}, {(int)reason}, {at})
            ON CONFLICT (tenant_id, subject) DO UPDATE SET reason = EXCLUDED.reason, opted_out_at = EXCLUDED.opted_out_at
            """,
            cancellationToken);
}
