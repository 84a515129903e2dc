using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Settings;

/// <summary>Keys of Zoho Campaigns as callers send them: of a list, of a campaign. Zoho's are 32 to 80 letters and digits.</summary>
internal static class ZohoKey
{
    private const int MaxLength = 100;

    public static bool HasShape(string key) => key.Length is > 0 and <= MaxLength && key.All(char.IsAsciiLetterOrDigit);

    public static Failure Invalid(string field) => Failure.InvalidField(
        field, $"{field} is not a key of Zoho Campaigns: at most {MaxLength} letters and digits.");
}
