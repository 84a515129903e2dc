using System.ComponentModel.DataAnnotations;
using ZohoPlatform.Simulator.Crm;
using ZohoPlatform.Simulator.Finance;

namespace ZohoPlatform.Simulator;

/// <summary>
/// How the provider behaves where the sources disagree, and the numbers it counts by. Changed at run time through
/// <c>PATCH /_simulator/settings</c>; every change is one new record.
/// </summary>
internal sealed record SimulatorSettings
{
    /// <summary>Life of an access token. Zoho Accounts, "Token Validity": one hour.</summary>
    [Range(1, 86_400)]
    public int AccessTokenSeconds { get; init; } = 3600;

    /// <summary>Life of a code from the consent page. Zoho Accounts says two minutes, older product pages one, CRM v8 three.</summary>
    [Range(1, 3600)]
    public int CodeSeconds { get; init; } = 120;

    /// <summary>Grant codes per client in ten minutes. Zoho CRM, "Token Validity".</summary>
    [Range(1, 1_000_000)]
    public int CodesPerTenMinutes { get; init; } = 10;

    /// <summary>Access tokens per refresh token in ten minutes; then comes the throttle. Zoho Accounts, "Refresh tokens".</summary>
    [Range(1, 1_000_000)]
    public int RefreshesPerTenMinutes { get; init; } = 10;

    /// <summary>Live access tokens per refresh token; one more ends the oldest. Zoho CRM, "Token Validity".</summary>
    [Range(1, 1_000_000)]
    public int LiveAccessTokens { get; init; } = 15;

    /// <summary>Refresh tokens per user and client; one more ends the oldest and its access tokens. Zoho CRM, "Token Validity".</summary>
    [Range(1, 1_000_000)]
    public int RefreshTokensPerUser { get; init; } = 20;

    /// <summary>Status of the token throttle: 400 as recorded, or 200 as Zoho's developers have written.</summary>
    [AllowedValues(200, 400)]
    public int ThrottleStatus { get; init; } = 400;

    /// <summary>The throttle speaks the account's language (Chinese here), as it has been seen to.</summary>
    public bool ThrottleLocalised { get; init; }

    /// <summary>A refused try begins the throttle's ten minutes anew, as people have reported; otherwise the window simply ends.</summary>
    public bool ThrottleExtends { get; init; } = true;

    /// <summary>The older answer: <c>expires_in_sec</c> in seconds and <c>expires_in</c> in milliseconds.</summary>
    public bool LegacyExpiry { get; init; }

    /// <summary>listsubscribe refuses a contact that the list holds; otherwise it updates it and succeeds.</summary>
    public bool ExistingContactRefused { get; init; }

    /// <summary>The code it refuses it with: 2003 as Zoho's catalogue has it, or 1006 with "already exists", as apps have met it.</summary>
    [AllowedValues(1006, 2003)]
    public int ExistingContactCode { get; init; } = 2003;

    /// <summary>
    /// An address whose contact is refused for its data, as for a value that does not fit its field: by itself, and with everybody else in a bulk
    /// call; null for none.
    /// </summary>
    [StringLength(100, MinimumLength = 3)]
    public string? RefusedContact { get; init; }

    /// <summary>The code it is refused with: pattern, data type or value.</summary>
    [AllowedValues(400, 1001, 1005, 2007)]
    public int RefusedContactCode { get; init; } = 1001;

    /// <summary>What listsubscribe says of every success, as an account of another language does; its own words of each when null.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? SubscribeSays { get; init; }

    /// <summary>Status of a locked Campaigns method: 200 with code 2008, or a 4xx with a text.</summary>
    [AllowedValues(200, 400, 403, 429)]
    public int LockedStatus { get; init; } = 200;

    /// <summary>Addresses per addlistsubscribersinbulk and addlistandcontacts call. Zoho Campaigns: ten.</summary>
    [Range(1, 10_000)]
    public int BulkMaximum { get; init; } = 10;

    /// <summary>Life of HubSpot's access tokens. HubSpot, "Manage OAuth tokens": 30 minutes.</summary>
    [Range(1, 86_400)]
    public int HubspotAccessTokenSeconds { get; init; } = 1800;

    /// <summary>HubSpot gives another refresh token with every answer and ends the one before; usually it is the same one.</summary>
    public bool HubspotRotatesRefreshTokens { get; init; }

    /// <summary>Zoho CRM's; in a change they stand under <c>crm</c>, and those that are left out stay.</summary>
    public CrmSettings Crm { get; init; } = new();

    /// <summary>Those of Zoho Books, Inventory and Invoice, under <c>finance</c> likewise.</summary>
    public FinanceSettings Finance { get; init; } = new();
}

/// <summary>Holds the settings of the moment.</summary>
internal sealed class SettingsStore
{
    private volatile SimulatorSettings _current = new();

    public SimulatorSettings Current
    {
        get => _current;
        set => _current = value;
    }
}
