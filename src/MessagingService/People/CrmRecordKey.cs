using System.Runtime.InteropServices;

namespace ZohoPlatform.MessagingService.People;

/// <summary>A record of Zoho CRM.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CrmRecordKey(string Module, string Id);
