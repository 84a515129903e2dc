using ZohoPlatform.Providers.Zoho;

namespace ZohoPlatform.MessagingService.Conversations;

/// <summary>
/// Addresses of Zoho CRM that people open in a browser. The form of <see cref="Record"/> needs no organisation's number and is known to open; the other two
/// are what today's apps make.
/// </summary>
/// <param name="Host">Of the CRM in the organisation's data centre.</param>
/// <param name="Organization">Digits; empty while it is not known.</param>
internal sealed record CrmAddresses(string Host, string Organization)
{
    /// <summary>Null where the data centre is not known.</summary>
    public static CrmAddresses? Of(string dataCentre, string organization) =>
        DataCentres.Find(dataCentre) is { } known ? new CrmAddresses(known.CrmUiHost, organization) : null;

    public string Record(string module, string id) =>
        $"https://{Host}/crm/EntityInfo.do?module={Uri.EscapeDataString(module)}&id={Uri.EscapeDataString(id)}";

    /// <summary>Empty without the organisation's number.</summary>
    public string Messages(string phone) =>
        Organization.Length == 0 ? "" : $"https://{Host}/crm/org{Organization}/tab/Messages?phone={Uri.EscapeDataString(phone)}";

    public string MessagesOf(string module, string id) => $"https://{Host}/crm/tab/{Uri.EscapeDataString(module)}/{Uri.EscapeDataString(id)}/Messages";
}
