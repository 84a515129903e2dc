using System.CommandLine;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Settings;

/// <summary><c>zoho settings set hubspot</c>, and how HubSpot's settings are shown.</summary>
internal static class HubSpotSettingsCommand
{
    private static readonly Option<string?> ClientId = new("--client-id")
    {
        HelpName = "ID",
        Description = "Of the app in HubSpot's developer account.",
    };

    private static readonly Option<string?> Enabled = new Option<string?>("--enabled")
    {
        HelpName = "YES|NO",
        Description = "no: nothing is done at HubSpot.",
    }.OneOf("yes", "no");

    private static readonly Dictionary<string, string?> NoValues = new(StringComparer.Ordinal);

    private static readonly FieldWords Fields = new(new Dictionary<string, Option>(StringComparer.Ordinal)
    {
        ["client_id"] = ClientId,
        ["client_secret"] = ClientSecretOptions.Asked,
        ["client_secrets"] = ClientSecretOptions.Asked,
    });

    private static readonly Option[] Changes = [ClientId, ClientSecretOptions.Asked, ClientSecretOptions.File, Enabled];

    public static Command Create(string name)
    {
        var command = new Command(name, "The HubSpot app.");
        foreach (var option in Changes)
        {
            command.Add(option);
        }

        command.Validators.Add(result => ClientSecretOptions.CheckAny(result, Changes));
        command.Runs(RunAsync, Fields);
        return command;
    }

    public static void Show(HubSpotSettings settings, Terminal terminal)
    {
        terminal.Document(settings, CliJson.Default.HubSpotSettings);
        terminal.Facts(
            ("Client id", settings.ClientId ?? "not set: zoho settings set hubspot --client-id ID --client-secret"),
            ("Client secret", settings.ClientSecret ?? "not set: zoho settings set hubspot --client-secret"),
            ("Enabled", YesNo.Of(settings.Enabled)),
            ("Connections", string.Join(
                ", ", (settings.FeatureConnections ?? NoValues).Select(used => $"{used.Key}: {used.Value}"))));
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var changed = await client.Settings.UpdateHubSpotAsync(
            new HubSpotSettings
            {
                ClientId = parsed.GetValue(ClientId),
                ClientSecret = await ClientSecretOptions.ReadAsync(parsed, "HubSpot", cancellationToken),
                Enabled = YesNo.Of(parsed.GetValue(Enabled)),
            },
            cancellationToken);
        Show(changed, terminal);
        terminal.Line("Changed. Whether it works: zoho settings test hubspot", "green");
        return ExitCode.Done;
    }
}
