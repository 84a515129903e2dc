using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Connections;

/// <summary><c>zoho connections</c>: which there are, what each is used for, and how to change that.</summary>
internal static class ConnectionsCommand
{
    private static readonly Argument<string> Id = new("id") { HelpName = "ID", Description = "As zoho connections shows it." };

    private static readonly Argument<string[]> Features = new("features")
    {
        HelpName = "FEATURE",
        Description = "What shall use it: campaigns, crm, books, inventory, invoice; hubspot_contacts.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Delete it although it is used, and ask nothing." };

    public static Command Create()
    {
        var use = new Command("use", "Have features use this connection and no other.") { Id, Features };
        use.Runs(UseAsync);
        var test = new Command("test", "Have the provider give it a fresh token, and say what was found.") { Id };
        test.Runs(TestAsync);
        var delete = new Command("delete", "Take the grant back at the provider and forget it.") { Id, Yes };
        delete.Runs(DeleteAsync);
        var connections = new Command("connections", "The tenant's connections, whose they are and what uses them.") { use, test, delete };
        connections.Runs(ListAsync);
        return connections;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(terminal);
        var connections = await client.Connections.ListAsync(cancellationToken: cancellationToken);
        terminal.Document([.. connections], CliJson.Default.ListConnection);
        terminal.Table(
            ["Id", "Provider", "Owner", "Account", "Used for", "Can serve", "State"],
            [.. connections.Select(connection => (string[])
                [
                    connection.Id,
                    connection.DataCentre is { } place ? $"{connection.Provider} ({place})" : connection.Provider,
                    connection.Owner,
                    connection.Account ?? "-",
                    connection.Serves.Count == 0 ? "-" : string.Join(", ", connection.Serves),
                    string.Join(", ", connection.Features),
                    ApiName.Of(connection.State),
                ])]);
        if (connections.Count == 0)
        {
            terminal.Line("Nothing is connected: zoho connect zoho --features campaigns");
        }

        return ExitCode.Done;
    }

    private static async Task<int> UseAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(terminal);
        var connection = await client.Connections.GetAsync(parsed.GetRequiredValue(Id), cancellationToken);
        var chosen = parsed.GetRequiredValue(Features).ToDictionary(feature => feature, _ => (string?)connection.Id, StringComparer.Ordinal);
        if (connection.Provider == "hubspot")
        {
            await client.Settings.UpdateHubSpotAsync(new HubSpotSettings { FeatureConnections = chosen }, cancellationToken);
        }
        else
        {
            await client.Settings.UpdateZohoAsync(new ZohoSettings { FeatureConnections = chosen }, cancellationToken);
        }

        var now = await client.Connections.GetAsync(connection.Id, cancellationToken);
        terminal.Document(now, CliJson.Default.Connection);
        terminal.Line($"{now.Provider} of {now.Owner}{(now.Account is { } account ? $", account {account}" : "")}: used for {string.Join(", ", now.Serves)}.");
        return ExitCode.Done;
    }

    private static async Task<int> TestAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(terminal);
        var test = await client.Connections.TestAsync(parsed.GetRequiredValue(Id), cancellationToken);
        terminal.Document(test, CliJson.Default.ConnectionTest);
        foreach (var finding in test.Findings)
        {
            terminal.Line(
                $"{ApiName.Of(finding.Status).Replace('_', ' '),-10}  {finding.Name.Replace('_', ' '),-12}  {finding.Message}",
                finding.Status is FindingStatus.Ok ? "green" : finding.Status is FindingStatus.Failed ? "red" : "yellow");
        }

        return test.Ok ? ExitCode.Done : ExitCode.Configuration;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(terminal);
        var id = parsed.GetRequiredValue(Id);
        try
        {
            await client.Connections.DeleteAsync(id, parsed.GetValue(Yes), cancellationToken);
        }
        catch (PlatformException e) when (e.Code == "connection_in_use")
        {
            if (!await AgreesAsync(e.Message, terminal, cancellationToken))
            {
                throw new CommandFailure("connection_in_use", $"{e.Message} Here: zoho connections use ID FEATURE, or --yes. Nothing was deleted.");
            }

            await client.Connections.DeleteAsync(id, evenIfInUse: true, cancellationToken);
        }

        terminal.Line("Deleted; the grant is taken back at the provider.");
        return ExitCode.Done;
    }

    // nobody is asked where nobody can answer
    private static async Task<bool> AgreesAsync(string whatStops, Terminal terminal, CancellationToken cancellationToken)
    {
        if (terminal.IsJson || Console.IsInputRedirected)
        {
            return false;
        }

        terminal.Note(whatStops);
        await Console.Error.WriteAsync("Delete it all the same? [y/N] ");
        return string.Equals((await Console.In.ReadLineAsync(cancellationToken))?.Trim(), "y", StringComparison.OrdinalIgnoreCase);
    }
}
