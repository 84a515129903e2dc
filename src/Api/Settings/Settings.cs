using ZohoPlatform.Api.Connections;

namespace ZohoPlatform.Api.Settings;

/// <summary>
/// The tenant's Zoho settings. In an answer, what is absent is not set; in a change, what is absent or null stays as it is, an empty text clears,
/// and a secret that equals its mask is kept.
/// </summary>
public sealed record ZohoSettings
{
    /// <summary>Of the client made in Zoho's API console; begins with 1000.</summary>
    public string? ClientId { get; init; }

    /// <summary>One secret for all data centres ("use the same OAuth credentials for all data centers").</summary>
    public string? ClientSecret { get; init; }

    /// <summary>
    /// In a change: a refresh token that exists already. It is tried at the provider and connected as <c>POST /api/v1/connections</c> does, for the
    /// owner company, for what its scopes allow; the settings beside it are kept where it is refused. Never in an answer.
    /// </summary>
    public string? RefreshToken { get; init; }

    /// <summary>One secret per data centre, by its name; an empty one removes it.</summary>
    public IReadOnlyDictionary<string, string?>? ClientSecrets { get; init; }

    /// <summary>The data centre where the client is registered: us, eu, in, au, jp, cn, ca, sa, uk, ae or sg.</summary>
    public string? Region { get; init; }

    /// <summary>
    /// False: nothing is done at Zoho. Contacts are taken and wait, syncs pause, and all of it goes on within a second when it is true again.
    /// </summary>
    public bool? Enabled { get; init; }

    /// <summary>Whether conversations go to Zoho CRM.</summary>
    public bool? CrmEnabled { get; init; }

    /// <summary>The organization in Books and Inventory.</summary>
    public string? OrganizationId { get; init; }

    /// <summary>Overrides the data centre's API domain; only Zoho's own are taken.</summary>
    public string? ApiDomain { get; init; }

    /// <summary>
    /// The connection that serves a feature, by the feature's name: the first that was connected for it, until another is chosen here. With an
    /// empty one nothing serves it, and what uses it waits.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? FeatureConnections { get; init; }

    /// <summary>The mailing list that registrations go to.</summary>
    public string? CampaignsListKey { get; init; }

    /// <summary>
    /// ISO 3166-1 alpha-2 of phones that are written without a country, such as GB; such a phone is refused where it is not set.
    /// </summary>
    public string? DefaultRegion { get; init; }

    /// <summary>API name or plural label of the module of Zoho CRM that messages become records of; Messages when not set.</summary>
    public string? MessagesModule { get; init; }

    /// <summary>
    /// The organization in addresses of Zoho CRM (crm.zoho.com/crm/org20064321 is 20064321); read from Zoho when not set.
    /// </summary>
    public string? CrmOrganizationId { get; init; }

    /// <summary>Whether each day of a conversation has a note in Zoho CRM with its messages.</summary>
    public bool? DailyNotes { get; init; }

    /// <summary>Where a conversation opens in the company's own chat, with {conversation_id} in it; wa.me when not set.</summary>
    public string? DialogUrl { get; init; }

    /// <summary>Lead_Source of leads that are made of conversations; WhatsApp when not set.</summary>
    public string? LeadSource { get; init; }

    // a record prints its members: some hold secrets
    public override string ToString() => nameof(ZohoSettings);
}

/// <summary>
/// The tenant's HubSpot client. In an answer, what is absent is not set; in a change, what is absent or null stays as it is, an empty text clears,
/// and a secret that equals its mask is kept.
/// </summary>
public sealed record HubSpotSettings
{
    /// <summary>Of the app in HubSpot's developer account.</summary>
    public string? ClientId { get; init; }

    /// <summary>Of the same app.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>
    /// In a change: a refresh token that exists already. It is tried at the provider and connected as <c>POST /api/v1/connections</c> does, for the
    /// owner company; the settings beside it are kept where it is refused. Never in an answer.
    /// </summary>
    public string? RefreshToken { get; init; }

    /// <summary>False: nothing is done at HubSpot.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The connection that serves a feature, by the feature's name: the first that was connected for it, until another is chosen here.</summary>
    public IReadOnlyDictionary<string, string?>? FeatureConnections { get; init; }

    // a record prints its members: one is a secret
    public override string ToString() => nameof(HubSpotSettings);
}

/// <summary>What a trial of the settings found.</summary>
/// <param name="Ok">Whether every check is.</param>
/// <param name="Checks">One by one.</param>
public sealed record SettingsTest(bool Ok, IReadOnlyList<SettingsCheck> Checks)
{
    public IReadOnlyList<SettingsCheck> Checks { get; init; } = Checks ?? [];
}

/// <summary>One check of the settings.</summary>
/// <param name="Name">connection, campaigns_list, or crm where a connection serves it.</param>
/// <param name="Ok">Whether it works.</param>
/// <param name="Code">What is wrong, machine-read; absent when ok.</param>
/// <param name="Message">What was found, and what to do.</param>
public sealed record SettingsCheck(string Name, bool Ok, string? Code, string Message)
{
    /// <summary>The check with the cause, where this one failed because of it: mend that one.</summary>
    public string? FollowsFrom { get; init; }

    /// <summary>The connection that was used; absent where there is none.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>Whose account it opens; absent where it is not known.</summary>
    public string? Account { get; init; }

    /// <summary>Of a connection and of a CRM, one by one.</summary>
    public IReadOnlyList<ConnectionFinding> Findings { get; init => field = value ?? []; } = [];
}
