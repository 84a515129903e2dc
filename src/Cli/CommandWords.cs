namespace ZohoPlatform.Cli;

/// <summary>The platform's sentences name its REST calls and fields; a person here has commands and options.</summary>
internal static class CommandWords
{
    private static readonly (string Api, string Command)[] Words =
    [
        ("consent.resubscribe with a consent.reason", "zoho campaigns sync --resubscribe-reason REASON"),
        ("contacts/lift-opt-out", "zoho campaigns contacts lift-opt-out"),
        ("(feature_connections in the integration settings)", "(zoho connections use ID FEATURE)"),
        ("delete it with even_if_in_use=true", "delete it with --yes"),
        ("(DELETE /api/v1/campaigns/syncs/{id}, zoho campaigns syncs delete ID)", "(zoho campaigns syncs delete ID)"),
        (
            "Set client_id and client_secret of the Zoho client in the integration settings first.",
            "Set the OAuth client first: zoho settings set zoho --client-id ID --client-secret-file FILE --region CODE"),
        (
            "Set client_id and client_secret of the HubSpot client in the integration settings first.",
            "Set the OAuth client first: zoho settings set hubspot --client-id ID --client-secret-file FILE"),
        (
            "copy the key of the mailing list from Zoho Campaigns (the list, Setup, List key) into the settings",
            "zoho settings set zoho --list KEY, with one that zoho campaigns lists shows"),
        (
            "copy the list key from Zoho Campaigns (Contacts, Manage Lists, the list's setup) into the campaigns settings",
            "zoho settings set zoho --list KEY, with one that zoho campaigns lists shows"),
        ("set crm_enabled in the Zoho settings", "zoho settings set zoho --crm yes"),
        ("set crm_enabled in the integration settings", "zoho settings set zoho --crm yes"),
        ("set campaigns_list_key", "zoho settings set zoho --list KEY"),
        ("set api_domain to an empty text in the integration settings", "zoho settings set zoho --api-domain \"\""),
    ];

    /// <summary>What the platform said, with the commands that do what it advises.</summary>
    public static string Said(string sentence) =>
        Words.Aggregate(sentence, (said, word) => said.Replace(word.Api, word.Command, StringComparison.Ordinal));

    /// <summary>The same behind a colon; nothing where nothing was said.</summary>
    public static string Because(string? sentence) => string.IsNullOrEmpty(sentence) ? "" : $": {Said(sentence)}";
}
