using System.Security.Cryptography;
using System.Text;

namespace ZohoPlatform.CampaignsService.Addresses;

/// <summary>
/// What stands for a mailbox where its address must not: a hash under the tenant's key (<c>SettingsStore.SubjectKeyAsync</c>), the same for
/// every spelling, and worth nothing without that key.
/// </summary>
internal static class EmailSubject
{
    public static byte[] Of(byte[] tenantsKey, string email) => HMACSHA256.HashData(tenantsKey, Encoding.UTF8.GetBytes(EmailAddress.Normalise(email)));

    /// <summary>As the audit names it.</summary>
    public static string InAudit(byte[] subject) => $"contact:{Convert.ToHexStringLower(subject)[..32]}";
}
