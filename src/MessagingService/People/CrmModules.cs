namespace ZohoPlatform.MessagingService.People;

/// <summary>The modules of Zoho CRM that hold people: every organisation has them under these API names.</summary>
internal static class CrmModules
{
    public const string Leads = "Leads";
    public const string Contacts = "Contacts";
}
