using System.CommandLine;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Login;

/// <summary><c>zoho profiles</c>: the gateways that keys are stored for.</summary>
internal static class ProfilesCommand
{
    public static Command Create()
    {
        var command = new Command("profiles", "The stored gateways, with the ids of their keys.");
        command.Runs(RunAsync);
        return command;
    }

    private static Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var profiles = StoredLogins.Read()
            .OrderBy(login => login.Key, StringComparer.Ordinal)
            .Select(login => new StoredProfile(login.Key, login.Value.Url, KeyText.IdOf(login.Value.Key)))
            .ToList();
        terminal.Document(profiles, CliJson.Default.ListStoredProfile);
        if (profiles.Count == 0)
        {
            terminal.Line("Nothing is stored: zoho login --url https://...");
            return Task.FromResult(ExitCode.Done);
        }

        terminal.Table(
            ["Profile", "Gateway", "Key"],
            [.. profiles.Select(profile => (string[])[profile.Profile, profile.Url.ToString(), profile.KeyId ?? "-"])]);
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary>A line of <c>zoho profiles --json</c>: never the key.</summary>
internal sealed record StoredProfile(string Profile, Uri Url, string? KeyId);
