using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Settings;

internal static class SettingsFailures
{
    public static readonly Failure ListKeyMissing = new(
        FailureKind.Precondition,
        "list_key_missing",
        "No mailing list is set: copy the list key from Zoho Campaigns (Contacts, Manage Lists, the list's setup) into the campaigns settings.");
}
