using System.CommandLine;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Connections;

/// <summary><c>zoho connections</c>: which there are, what each is used for, and how to change that.</summary>
internal static class ConnectionsCommand
{
    private static readonly Argument<string> Id = IdSource.Connections.Argument("As zoho connections shows it.");

    private static readonly Argument<string[]> Features = new("features")
    {
        HelpName = "FEATURE",
        Description = "What shall use it: campaigns, crm, books, inventory, invoice; hubspot_contacts.",
        Arity = ArgumentArity.OneOrMore,
        CompletionSources = { FeatureNames.All },
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Delete it although it is used, and ask nothing." };

    public static Command Create()
    {
        var show = new Command("show", "What is known of one: its account, what it is granted and what it lacks.") { Id };
        show.Runs(ShowAsync);
        var use = new Command("use", "Have features use this connection and no other.") { Id, Features };
        use.Runs(UseAsync);
        var test = new Command("test", "Have the provider give it a fresh token, and say what was found.") { Id };
        test.Runs(TestAsync);
        var delete = new Command("delete", "Take the grant back at the provider and forget it.") { Id, Yes };
        delete.Runs(DeleteAsync);
        var connections = new Command("connections", "The tenant's connections, whose they are and what uses them.") { show, use, test, delete };
        connections.Lists(ListAsync);
        return connections;
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var connections = await client.Connections.ListAsync(cancellationToken: cancellationToken);
        terminal.Document([.. connections], CliJson.Default.ListConnection);
        if (connections.Count == 0)
        {
            terminal.Line("Nothing is connected: zoho connect zoho --features campaigns");
            return ExitCode.Done;
        }

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
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var connection = await client.Connections.GetAsync(parsed.GetRequiredValue(Id), cancellationToken);
        terminal.Document(connection, CliJson.Default.Connection);
        terminal.Facts(
            ("Id", connection.Id),
            ("Provider", connection.Provider),
            ("Owner", connection.Owner),
            ("Account", connection.Account ?? "not known"),
            ("State", ApiName.Of(connection.State)),
            ("Why", connection.StateReason),
            ("Can serve", string.Join(", ", connection.Features)),
            ("Used for", connection.Serves.Count == 0 ? "nothing" : string.Join(", ", connection.Serves)),
            ("Data centre", connection.DataCentre),
            ("APIs at", connection.ApiDomain),
            ("Organizations", string.Join(", ", connection.OrganizationIds)),
            ("Granted", string.Join(", ", connection.GrantedScopes)),
            ("Asked for beside", string.Join(", ", connection.ExtraScopes)),
            ("Refresh token", connection.BroughtAlong ? "brought along: it is never revoked from here" : null),
            ("Missing", string.Join(", ", connection.MissingScopes)),
            ("Connected", Words.Of(connection.CreatedAt)),
            ("Last token", connection.LastRefreshedAt is { } time ? Words.Of(time) : null),
            ("Tokens left", connection.BudgetLeft is { } left ? $"{Words.Of((long)left)} within ten minutes" : null),
            ("Look at", string.Join(" ", connection.Warnings.Select(warning => warning.Message))));
        return ExitCode.Done;
    }

    private static async Task<int> UseAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var connection = await client.Connections.GetAsync(parsed.GetRequiredValue(Id), cancellationToken);
        var features = parsed.GetRequiredValue(Features);
        if (features.FirstOrDefault(feature => !connection.Features.Contains(feature, StringComparer.Ordinal)) is { } lacking)
        {
            throw new CommandFailure("feature_not_connected", Lacks(connection, lacking));
        }

        var chosen = features.Distinct(StringComparer.Ordinal)
            .ToDictionary(feature => feature, _ => (string?)connection.Id, StringComparer.Ordinal);
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
        var whose = now.Account is { } account ? $", account {account}" : "";
        terminal.Line($"{now.Provider} of {now.Owner}{whose}: used for {string.Join(", ", now.Serves)}.");
        return ExitCode.Done;
    }

    private static string Lacks(Connection connection, string feature)
    {
        var serves = $"The connection {connection.Id} of {connection.Provider} can serve {string.Join(", ", connection.Features)}";
        return FeatureNames.All.Contains(feature, StringComparer.Ordinal)
            ? $"{serves}, and not {feature}: choose another one that zoho connections shows, or connect one for {feature} with zoho connect."
            : $"{serves}. There is no feature {feature}: there are {string.Join(", ", FeatureNames.All)}.";
    }

    private static async Task<int> TestAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var test = await client.Connections.TestAsync(parsed.GetRequiredValue(Id), cancellationToken);
        terminal.Document(test, CliJson.Default.ConnectionTest);
        foreach (var finding in test.Findings)
        {
            FindingLine.Show(finding, terminal);
        }

        return test.Ok ? ExitCode.Done : ExitCode.Configuration;
    }

    private static async Task<int> DeleteAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var id = parsed.GetRequiredValue(Id);
        var connection = await client.Connections.GetAsync(id, cancellationToken);
        try
        {
            await client.Connections.DeleteAsync(id, parsed.GetValue(Yes), cancellationToken);
        }
        catch (PlatformException e) when (e.Code == "connection_in_use")
        {
            if (!await Question.AgreesAsync(terminal, $"{e.Message} Delete it all the same?", cancellationToken))
            {
                throw new CommandFailure(
                    "connection_in_use", $"{CommandWords.Said(e.Message)} Nothing was deleted.");
            }

            await client.Connections.DeleteAsync(id, evenIfInUse: true, cancellationToken);
        }

        terminal.Document(new Deleted(id), CliJson.Default.Deleted);
        terminal.Line(connection.BroughtAlong
            ? $"Deleted. Its refresh token was brought along and stays valid: where nothing else uses it, revoke it at {connection.Provider}."
            : "Deleted; its grant is being taken back at the provider.");
        return ExitCode.Done;
    }
}
