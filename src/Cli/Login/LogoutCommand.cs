using System.CommandLine;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Login;

/// <summary><c>zoho logout</c>: forgets a stored key. The gateway goes on taking it.</summary>
internal static class LogoutCommand
{
    public static Command Create()
    {
        var command = new Command("logout", "Forget the stored key of a profile.");
        command.Runs(RunAsync);
        return command;
    }

    private static Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var profile = Credentials.NamedProfile(parsed) ?? StoredLogins.Default;
        var login = StoredLogins.ReadLeniently().GetValueOrDefault(profile);
        if (login is not null)
        {
            try
            {
                StoredLogins.Remove(profile);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailure(
                    "credentials_not_removed",
                    $"{StoredLogins.Path} cannot be written: {FileTrouble.Of(e, StoredLogins.Path)}. The key is still in it.");
            }
        }

        var id = login is null ? null : KeyText.IdOf(login.Key);
        terminal.Document(new SignedOut(profile, login?.Url, id), CliJson.Default.SignedOut);
        terminal.Line(login is null
            ? $"Nothing is stored as profile {profile}."
            : $"Forgotten: the key of profile {profile} for {login.Url}.");
        if (id is not null)
        {
            terminal.Line($"The gateway still takes it; an admin ends it with: zoho keys delete {id}");
        }

        if (Credentials.Variable(Credentials.KeyVariable) is not null)
        {
            terminal.Note($"{Credentials.KeyVariable} is set and goes on being used.");
        }

        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary>What <c>zoho logout --json</c> answers.</summary>
/// <param name="Profile">Which.</param>
/// <param name="Url">The gateway that the key was for; null where nothing was stored.</param>
/// <param name="KeyId">The key, which the gateway still takes; null where nothing was stored.</param>
internal sealed record SignedOut(string Profile, Uri? Url, string? KeyId);
