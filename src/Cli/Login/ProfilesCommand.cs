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

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var profiles = (await Task.WhenAll(StoredLogins.Read()
            .OrderBy(login => login.Key, StringComparer.Ordinal)
            .Select(async login => new StoredProfile(
                login.Key,
                login.Value.Url,
                KeyText.IdOf(login.Value.Key),
                await KeyLook.OpensAsync(login.Value.Url, login.Value.Key, cancellationToken)))))
            .ToList();
        terminal.Document(profiles, CliJson.Default.ListStoredProfile);
        if (profiles.Count == 0)
        {
            terminal.Line("Nothing is stored: zoho login --url https://...");
            return ExitCode.Done;
        }

        terminal.Table(
            ["Profile", "Gateway", "Key", "State"],
            [.. profiles.Select(profile => (string[])[profile.Profile, profile.Url.ToString(), profile.KeyId ?? "-", StateOf(profile)])]);
        return ExitCode.Done;
    }

    private static string StateOf(StoredProfile profile) => profile.Opens switch
    {
        true => "works",
        false => $"refused: zoho login --profile {profile.Profile} --url {profile.Url}",
        null => "not known: zoho doctor",
    };
}

/// <summary>A line of <c>zoho profiles --json</c>: never the key.</summary>
/// <param name="Profile">Its name.</param>
/// <param name="Url">The gateway that its key is for.</param>
/// <param name="KeyId">The key's id; null where it has not the form of one.</param>
/// <param name="Opens">Whether the gateway takes the key; null where it did not say.</param>
internal sealed record StoredProfile(string Profile, Uri Url, string? KeyId, bool? Opens);
