using System.CommandLine;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Cli.Connections;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Settings;

/// <summary><c>zoho settings show|set|test zoho|hubspot</c>: the tenant's OAuth clients, what is switched on, and the mailing list.</summary>
internal static class SettingsCommand
{
    private const string Zoho = "zoho";
    private const string HubSpot = "hubspot";

    private static readonly Argument<string> Provider = new Argument<string>("provider")
    {
        HelpName = "PROVIDER",
        Description = "zoho or hubspot.",
        DefaultValueFactory = _ => Zoho,
    }.OneOf(Zoho, HubSpot);

    public static Command Create()
    {
        var show = new Command("show", "What is set; secrets are masked.") { Provider };
        show.Runs(ShowAsync);
        var test = new Command("test", "Try them at the provider, and say what was found.") { Provider };
        test.Runs(TestAsync);
        return new Command("settings", "The OAuth clients, what is switched on, the mailing list.")
        {
            show,
            new Command("set", "Change what is named and leave the rest.")
            {
                ZohoSettingsCommand.Create(Zoho),
                HubSpotSettingsCommand.Create(HubSpot),
            },
            test,
        };
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        if (parsed.GetRequiredValue(Provider) == HubSpot)
        {
            HubSpotSettingsCommand.Show(await client.Settings.GetHubSpotAsync(cancellationToken), terminal);
        }
        else
        {
            ZohoSettingsCommand.Show(await client.Settings.GetZohoAsync(cancellationToken), terminal);
        }

        return ExitCode.Done;
    }

    private static async Task<int> TestAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var test = parsed.GetRequiredValue(Provider) == HubSpot
            ? await client.Settings.TestHubSpotAsync(cancellationToken)
            : await client.Settings.TestZohoAsync(cancellationToken);
        terminal.Document(test, CliJson.Default.SettingsTest);
        foreach (var check in test.Checks.Where(check => check.FollowsFrom is null))
        {
            Show(check, test.Checks.Where(other => other.FollowsFrom == check.Name), terminal);
        }

        return test.Ok ? ExitCode.Done : ExitCode.Configuration;
    }

    private static void Show(SettingsCheck check, IEnumerable<SettingsCheck> followers, Terminal terminal)
    {
        terminal.Item(
            $"{(check.Ok ? "ok" : "failed"),-10}  {check.Name.Replace('_', ' '),-14}  ",
            CommandWords.Said(check.Message),
            check.Ok ? "green" : "red");
        if (followers.Select(follower => follower.Name.Replace('_', ' ')).ToList() is { Count: > 0 } names)
        {
            terminal.Item(FindingLine.Under, Words.NotEither(names));
        }

        // what the check says already is not said twice
        foreach (var finding in check.Findings.Where(finding => check.Ok || finding.Message != check.Message))
        {
            FindingLine.Show(finding, terminal);
        }
    }
}
