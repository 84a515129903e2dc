namespace ZohoPlatform.MessagingService.People;

/// <summary>The modules of Zoho CRM that hold people, by API names that no organisation can change. Contacts may be off, or hidden.</summary>
internal static class CrmModules
{
    public const string Leads = "Leads";
    public const string Contacts = "Contacts";
}
