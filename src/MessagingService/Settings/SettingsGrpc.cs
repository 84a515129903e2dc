using Grpc.Core;
using ZohoPlatform.MessagingService.Phones;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Settings;

/// <summary>The MessagingSettingsStore contract.</summary>
internal sealed class SettingsGrpc(SettingsStore store) : Wire.MessagingSettingsStore.MessagingSettingsStoreBase
{
    private const int LongestText = 100;
    private const int LongestUrl = 400;

    public override async Task<Wire.MessagingSettings> GetSettings(Wire.GetMessagingSettingsRequest request, ServerCallContext context) =>
        ToWire(await store.ReadAsync(context.CallerWith(Role.Viewer).Tenant, context.CancellationToken));

    public override async Task<Wire.MessagingSettings> UpdateSettings(Wire.UpdateMessagingSettingsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        if (Check(request) is { } refused)
        {
            throw refused.ToRpcException();
        }

        return ToWire(await store.ChangeAsync(caller, row => Apply(request, row), context.CancellationToken));
    }

    public override async Task<Wire.RotateLinkKeyResponse> RotateLinkKey(Wire.RotateLinkKeyRequest request, ServerCallContext context)
    {
        await store.RotateLinkKeyAsync(context.CallerWith(Role.Admin), context.CancellationToken);
        return new Wire.RotateLinkKeyResponse();
    }

    private static void Apply(Wire.UpdateMessagingSettingsRequest change, SettingsRow row)
    {
        row.DefaultRegion = change.HasDefaultRegion ? change.DefaultRegion.Trim().ToUpperInvariant() : row.DefaultRegion;
        row.MessagesModule = change.HasMessagesModule ? change.MessagesModule.Trim() : row.MessagesModule;
        row.CrmOrganizationId = change.HasCrmOrganizationId ? DigitsOf(change.CrmOrganizationId) : row.CrmOrganizationId;
        row.DailyNotes = change.HasDailyNotes ? change.DailyNotes : row.DailyNotes;
        row.DialogUrl = change.HasDialogUrl ? change.DialogUrl.Trim() : row.DialogUrl;
        row.LeadSource = change.HasLeadSource ? change.LeadSource.Trim() : row.LeadSource;
    }

    // as people copy it out of an address: org1429453822
    private static string DigitsOf(string organization) =>
        organization.Trim() is var text && text.StartsWith("org", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;

    private static Failure? Check(Wire.UpdateMessagingSettingsRequest change)
    {
        if (change.DefaultRegion.Trim() is { Length: > 0 } region && !PhoneNumber.IsRegion(region.ToUpperInvariant()))
        {
            return Failure.InvalidField("default_region", "default_region must be a country's two letters (ISO 3166-1), such as DE.");
        }

        if (DigitsOf(change.CrmOrganizationId) is { Length: > 0 } organization && (organization.Length > 30 || !organization.All(char.IsAsciiDigit)))
        {
            return Failure.InvalidField(
                "crm_organization_id",
                "crm_organization_id must be the number behind \"org\" in addresses of Zoho CRM (crm.zoho.com/crm/org1429453822/...), at most 30 digits.");
        }

        if ((TextFault("messages_module", change.MessagesModule) ?? TextFault("lead_source", change.LeadSource)) is { } fault)
        {
            return fault;
        }

        var url = change.DialogUrl.Trim();
        return url.Length == 0 || IsDialogUrl(url)
            ? null
            : Failure.InvalidField(
                "dialog_url",
                $"dialog_url must be an https address of at most {LongestUrl} characters with {{conversation_id}} in it and no other braces, such as https://chat.example.com/c/{{conversation_id}}.");
    }

    private static Failure? TextFault(string field, string text) => text.Length > LongestText || text.Any(char.IsControl)
        ? Failure.InvalidField(field, $"{field} must be plain text of at most {LongestText} characters.")
        : null;

    private static bool IsDialogUrl(string url) => url.Length <= LongestUrl
        && url.Contains("{conversation_id}", StringComparison.Ordinal)
        && url.Replace("{conversation_id}", "0", StringComparison.Ordinal) is var opened
        // another placeholder would be one that nobody fills in
        && !opened.AsSpan().ContainsAny('{', '}')
        && Uri.TryCreate(opened, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    private static Wire.MessagingSettings ToWire(SettingsRow row) => new()
    {
        DefaultRegion = row.DefaultRegion,
        MessagesModule = row.MessagesModule,
        CrmOrganizationId = row.CrmOrganizationId,
        DailyNotes = row.DailyNotes,
        DialogUrl = row.DialogUrl,
        LeadSource = row.LeadSource,
    };
}
