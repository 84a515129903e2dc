using System.CommandLine;
using System.CommandLine.Help;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli;

/// <summary><c>zoho</c> alone: what it can do, and what comes next here.</summary>
internal static class NextStep
{
    public static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        FoundLogin? found = null;
        var next = "zoho doctor";
        try
        {
            found = Credentials.Find(parsed);
        }
        catch (CommandFailure e) when (e.Code == "not_signed_in")
        {
            next = "zoho login --url https://your-gateway";
        }

        var opens = found is null ? false : await KeyLook.OpensAsync(found.Url, found.Key, cancellationToken);
        if (found is not null && opens is false)
        {
            next = "zoho login";
        }

        terminal.Document(new Next(found is not null && opens is not false, found?.Url, found?.From, next), CliJson.Default.Next);
        if (!terminal.IsJson)
        {
            new HelpAction().Invoke(parsed);
        }

        if (found is null)
        {
            terminal.Line($"Next, sign in: {next}");
            terminal.Line("It asks for an API key, which an admin of your tenant makes.");
            terminal.Line("A gateway of your own to try things: ./run.sh in a checkout.");
        }
        else if (opens is false)
        {
            terminal.Line($"{found.Url} does not take the key from {found.From}: it is unknown, expired or deleted. {Credentials.OtherKey(parsed)}");
        }
        else
        {
            var away = opens is null ? ", which does not answer now" : "";
            terminal.Line($"Here it speaks with {found.Url}{away}, key from {found.From}. Whether all is well: {next}");
        }

        return ExitCode.Done;
    }
}

/// <summary>What <c>zoho --json</c> answers.</summary>
/// <param name="SignedIn">Whether there is a key that its gateway does not refuse.</param>
/// <param name="Url">The gateway that commands speak with here; null where there is no key.</param>
/// <param name="From">Where the key is from; null where there is none.</param>
/// <param name="Command">What comes next.</param>
internal sealed record Next(bool SignedIn, Uri? Url, string? From, string Command);
