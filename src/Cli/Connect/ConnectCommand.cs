using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Cli.Connections;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Connect;

/// <summary><c>zoho connect zoho|hubspot</c>: a link for a browser, and the wait until somebody went through it.</summary>
internal static class ConnectCommand
{
    private const string Zoho = "zoho";
    private const string HubSpot = "hubspot";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly Option<string[]> Features = new("--features")
    {
        HelpName = "LIST",
        Description = "What it is for, separated by commas: campaigns, crm, books, inventory, invoice; hubspot_contacts.",
        CustomParser = Values.List,
        CompletionSources = { FeatureNames.All },
    };

    private static readonly Option<string[]> ExtraScopes = new("--extra-scopes")
    {
        HelpName = "LIST",
        Description = "The provider's scopes to ask for beside what the features need, for calls of your own apps, separated by commas.",
        CustomParser = Values.List,
    };

    private static readonly Option<string?> DataCentre = new("--data-centre")
    {
        HelpName = "CODE",
        Description = $"Where the OAuth client is registered: {DataCentreCodes.Listed}; the settings' region when absent.",
        CompletionSources = { DataCentreCodes.All },
    };

    private static readonly Option<string?> Owner = new("--owner")
    {
        HelpName = "NAME",
        Description = "Who connects it or for whom; company when absent.",
    };

    private static readonly Option<bool> Open = new("--open") { Description = "Open the link in this machine's browser." };

    private static readonly Option<int> Limit = new("--timeout")
    {
        HelpName = "SECONDS",
        Description = "Seconds to wait for the sign-in to be finished; the link itself is good for some minutes.",
        DefaultValueFactory = _ => 600,
        CustomParser = result => Values.WholeNumber(result, 0, 86_400),
    };

    private static readonly FieldWords Fields = new(
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["data_centre"] = DataCentre, ["extra_scopes"] = ExtraScopes },
        new Dictionary<string, Option>(StringComparer.Ordinal) { ["features"] = Features, ["owner"] = Owner });

    public static Command Create()
    {
        var zoho = new Command(Zoho, "Connect a Zoho account in a browser.") { Features, ExtraScopes, DataCentre, Owner, Open, Limit };
        zoho.Runs((parsed, terminal, cancellationToken) => RunAsync(Zoho, parsed, terminal, cancellationToken), Fields);
        var hubSpot = new Command(HubSpot, "Connect a HubSpot account in a browser.") { Features, ExtraScopes, Owner, Open, Limit };
        hubSpot.Runs((parsed, terminal, cancellationToken) => RunAsync(HubSpot, parsed, terminal, cancellationToken), Fields);
        return new Command("connect", "Connect Zoho or HubSpot.") { zoho, hubSpot };
    }

    private static async Task<int> RunAsync(string provider, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var link = await client.Connections.BeginAsync(
            provider,
            parsed.GetValue(Features),
            provider == Zoho ? parsed.GetValue(DataCentre) : null,
            parsed.GetValue(Owner),
            parsed.GetValue(ExtraScopes),
            cancellationToken);

        terminal.Document(new ConnectEvent("link", link, null), CliJson.Default.ConnectEvent);
        terminal.Line("Open this link in a browser and sign in as the account's owner:");
        terminal.Line();
        // not cut into lines: it must stay one that can be copied
        terminal.Line(link.Url.AbsoluteUri);
        terminal.Line();
        if (parsed.GetValue(Open) && !TryOpen(link.Url))
        {
            terminal.Note("No browser could be opened here: open the link yourself.");
        }

        terminal.Line($"Waiting for it to be finished (until {Words.Of(link.ExpiresAt)}; Ctrl-C stops waiting).");
        var ended = await WaitAsync(client, provider, link.Id, TimeSpan.FromSeconds(parsed.GetValue(Limit)), cancellationToken);
        if (ended is not { State: AuthorizationState.Connected, ConnectionId: { } id })
        {
            throw NotConnected(ended);
        }

        var connection = await client.Connections.GetAsync(id, cancellationToken);
        terminal.Document(new ConnectEvent("connected", null, connection), CliJson.Default.ConnectEvent);
        var where = connection.DataCentre is { } dataCentre ? $" ({dataCentre})" : "";
        var organizations = string.Join(", ", connection.OrganizationIds);
        var behind = organizations.Length > 0 && organizations != connection.Account ? $", organization {organizations}" : "";
        terminal.Line(
            $"Connected {provider}{where}: account {connection.Account ?? "not known"}{behind}; owner {connection.Owner}, "
                + $"for {string.Join(", ", connection.Features)}.",
            "green");
        if (connection.State is not ConnectionState.Active)
        {
            terminal.Line($"But it is {ApiName.Of(connection.State)}: {connection.StateReason}", "red");
            return ExitCode.Configuration;
        }

        terminal.Line(connection.Serves.Count > 0
            ? $"It is used for {string.Join(", ", connection.Serves)}."
            : $"Another connection is used on: zoho connections use {connection.Id} {string.Join(' ', connection.Features)} takes this one.");
        if (connection.MissingScopes.Count > 0)
        {
            terminal.Line(
                $"But scopes are missing: {string.Join(", ", connection.MissingScopes)}. What needs them is not done; connect again and accept "
                    + "all of them.",
                "red");
            return ExitCode.Configuration;
        }

        terminal.Line("Next: zoho doctor");
        return ExitCode.Done;
    }

    private static CommandFailure NotConnected(Authorization authorization) => authorization switch
    {
        { Failure: { } failure } => new(failure.Code, failure.Message),
        { State: AuthorizationState.Expired } => new(
            "not_connected", "Nobody finished the sign-in while the link was good. The same command gives a new one."),
        _ => new("not_connected", $"Nobody has finished the sign-in yet; the link stays good until {Words.Of(authorization.ExpiresAt)}."),
    };

    // as it is at the limit where nothing ends it before
    private static async Task<Authorization> WaitAsync(
        PlatformClient client, string provider, string id, TimeSpan limit, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        while (true)
        {
            var now = await client.Connections.GetAuthorizationAsync(provider, id, cancellationToken);
            if (now.State is not (AuthorizationState.Waiting or AuthorizationState.Opened) || clock.GetElapsedTime(start) >= limit)
            {
                return now;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static bool TryOpen(Uri link)
    {
        // what else a system opens is nothing that a gateway may choose
        if (link.Scheme is not ("http" or "https"))
        {
            return false;
        }

        try
        {
            // UseShellExecute finds the desktop's browser, on Linux through xdg-open
            using var browser = Process.Start(new ProcessStartInfo(link.AbsoluteUri) { UseShellExecute = true });
            return true;
        }
        catch (Exception e) when (e is Win32Exception or PlatformNotSupportedException)
        {
            return false;
        }
    }
}

/// <summary>Lines of <c>zoho connect --json</c>: <c>link</c> at once, <c>connected</c> when it is done.</summary>
internal sealed record ConnectEvent(string Event, OAuthLink? Link, Connection? Connection);
