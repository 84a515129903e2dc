using System.CommandLine;
using System.CommandLine.Parsing;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Connections;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Settings;

/// <summary><c>zoho settings set zoho</c>, and how Zoho's settings are shown.</summary>
internal static class ZohoSettingsCommand
{
    private static readonly Option<string?> ClientId = new("--client-id")
    {
        HelpName = "ID",
        Description = "As the API console shows it; begins with 1000.",
    };

    private static readonly Option<string?> SecretOf = new("--secret-of")
    {
        HelpName = "CODE",
        Description = "The client secret is that of this data centre alone; of all of them when absent.",
        CompletionSources = { DataCentreCodes.All },
    };

    private static readonly Option<string?> RemoveSecretOf = new("--remove-secret-of")
    {
        HelpName = "CODE",
        Description = "Remove the client secret of this data centre.",
        CompletionSources = { DataCentreCodes.All },
    };

    private static readonly Option<string?> Region = new("--region")
    {
        HelpName = "CODE",
        Description = $"Where the client is registered: {DataCentreCodes.Listed}.",
        CompletionSources = { DataCentreCodes.All },
    };

    private static readonly Option<string?> Enabled = new Option<string?>("--enabled")
    {
        HelpName = "YES|NO",
        Description = "no: nothing is done at Zoho, contacts wait and syncs pause.",
    }.OneOf("yes", "no");

    private static readonly Option<string?> Crm = new Option<string?>("--crm")
    {
        HelpName = "YES|NO",
        Description = "Whether conversations go to Zoho CRM.",
    }.OneOf("yes", "no");

    private static readonly Option<string?> Organization = new("--organization") { HelpName = "ID", Description = "In Books and Inventory." };

    private static readonly Option<string?> ApiDomain = new("--api-domain")
    {
        HelpName = "ADDRESS",
        Description = "Overrides the data centre's API domain; \"\" leaves it to the data centre.",
    };

    private static readonly Option<string?> List = new("--list")
    {
        HelpName = "KEY",
        Description = "The mailing list that registrations go to; zoho campaigns lists shows the keys.",
        CompletionSources = { IdSource.Lists.Stand },
    };

    private static readonly Option<string?> DefaultRegion = new("--default-region")
    {
        HelpName = "COUNTRY",
        Description = "Of phones that are written without one, such as GB; \"\" refuses such phones.",
    };

    private static readonly Option<string?> MessagesModule = new("--messages-module")
    {
        HelpName = "NAME",
        Description = "The module of Zoho CRM that messages become records of, by its API name or plural label; \"\" is Messages.",
    };

    private static readonly Option<string?> CrmOrganization = new("--crm-organization")
    {
        HelpName = "ID",
        Description = "In addresses of Zoho CRM: crm.zoho.com/crm/org20064321 is 20064321; \"\" asks Zoho.",
    };

    private static readonly Option<string?> DailyNotes = new Option<string?>("--daily-notes")
    {
        HelpName = "YES|NO",
        Description = "Whether each day of a conversation has a note in Zoho CRM.",
    }.OneOf("yes", "no");

    private static readonly Option<string?> DialogUrl = new("--dialog-url")
    {
        HelpName = "ADDRESS",
        Description = "Where a conversation opens in your own chat, with {conversation_id} in it; \"\" is wa.me.",
    };

    private static readonly Option<string?> LeadSource = new("--lead-source")
    {
        HelpName = "TEXT",
        Description = "Of leads that are made of conversations; \"\" is WhatsApp.",
    };

    private static readonly FieldWords Fields = new(new Dictionary<string, Option>(StringComparer.Ordinal)
    {
        ["client_id"] = ClientId,
        ["client_secret"] = ClientSecretOptions.Asked,
        ["client_secrets"] = SecretOf,
        ["organization_id"] = Organization,
        ["api_domain"] = ApiDomain,
        ["campaigns_list_key"] = List,
        ["default_region"] = DefaultRegion,
        ["messages_module"] = MessagesModule,
        ["crm_organization_id"] = CrmOrganization,
        ["daily_notes"] = DailyNotes,
        ["dialog_url"] = DialogUrl,
        ["lead_source"] = LeadSource,
    }, new Dictionary<string, Option>(StringComparer.Ordinal) { ["region"] = Region });

    private static readonly Option[] Changes =
    [
        ClientId, ClientSecretOptions.Asked, ClientSecretOptions.File, RemoveSecretOf, Region, Enabled, Crm, Organization, ApiDomain, List,
        DefaultRegion, MessagesModule, CrmOrganization, DailyNotes, DialogUrl, LeadSource,
    ];

    public static Command Create(string name)
    {
        var command = new Command(name, "The Zoho client and what is done with it.") { SecretOf };
        foreach (var option in Changes)
        {
            command.Add(option);
        }

        command.Validators.Add(Check);
        command.Runs(RunAsync, Fields);
        return command;
    }

    public static void Show(ZohoSettings settings, Terminal terminal)
    {
        terminal.Document(settings, CliJson.Default.ZohoSettings);
        var noSecret = settings.ClientSecrets is { Count: > 0 } ? null : "not set: zoho settings set zoho --client-secret";
        terminal.Facts(
            ("Client id", settings.ClientId ?? "not set: zoho settings set zoho --client-id ID --client-secret --region CODE"),
            ("Client secret", settings.ClientSecret ?? noSecret),
            ("Secrets by data centre", string.Join(", ", (settings.ClientSecrets ?? NoValues).Select(secret => $"{secret.Key} {secret.Value}"))),
            ("Region", settings.Region),
            ("Enabled", YesNo.Of(settings.Enabled)),
            ("CRM", YesNo.Of(settings.CrmEnabled)),
            ("Organization", settings.OrganizationId),
            ("API domain", settings.ApiDomain),
            ("Connections", string.Join(", ", (settings.FeatureConnections ?? NoValues).Select(used => $"{used.Key}: {used.Value}"))),
            ("Mailing list", settings.CampaignsListKey ?? "not set: zoho settings set zoho --list KEY"),
            ("Default region", settings.DefaultRegion),
            ("Messages module", settings.MessagesModule),
            ("CRM organization", settings.CrmOrganizationId),
            ("Daily notes", YesNo.Of(settings.DailyNotes)),
            ("Dialog", settings.DialogUrl),
            ("Lead source", settings.LeadSource));
    }

    private static readonly Dictionary<string, string?> NoValues = new(StringComparer.Ordinal);

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var secret = await ClientSecretOptions.ReadAsync(parsed, "Zoho", cancellationToken);
        var secrets = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (parsed.GetValue(RemoveSecretOf) is { } removed)
        {
            secrets[removed] = "";
        }

        if (secret is not null && parsed.GetValue(SecretOf) is { } dataCentre)
        {
            (secrets[dataCentre], secret) = (secret, null);
        }

        var change = new ZohoSettings
        {
            ClientId = parsed.GetValue(ClientId),
            ClientSecret = secret,
            ClientSecrets = secrets.Count == 0 ? null : secrets,
            Region = parsed.GetValue(Region),
            Enabled = YesNo.Of(parsed.GetValue(Enabled)),
            CrmEnabled = YesNo.Of(parsed.GetValue(Crm)),
            OrganizationId = parsed.GetValue(Organization),
            ApiDomain = parsed.GetValue(ApiDomain),
            CampaignsListKey = parsed.GetValue(List),
            DefaultRegion = parsed.GetValue(DefaultRegion),
            MessagesModule = parsed.GetValue(MessagesModule),
            CrmOrganizationId = parsed.GetValue(CrmOrganization),
            DailyNotes = YesNo.Of(parsed.GetValue(DailyNotes)),
            DialogUrl = parsed.GetValue(DialogUrl),
            LeadSource = parsed.GetValue(LeadSource),
        };
        Show(await client.Settings.UpdateZohoAsync(change, cancellationToken), terminal);
        terminal.Line("Changed. Whether it works: zoho settings test zoho", "green");
        return ExitCode.Done;
    }

    private static void Check(CommandResult result)
    {
        ClientSecretOptions.CheckAny(result, Changes);
        if (result.GetResult(SecretOf) is not null && !ClientSecretOptions.IsGiven(result))
        {
            result.AddError("--secret-of goes with --client-secret or --client-secret-file.");
        }
    }
}
