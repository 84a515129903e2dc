using Spectre.Console;

namespace ZohoPlatform.Cli.Input;

/// <summary>Takes secrets: from a file, from standard input, or from a person without echo. Never from an argument, which others can see.</summary>
internal static class Secrets
{
    /// <summary>The secret that is asked for; from the first line of standard input where nobody sits at a keyboard.</summary>
    /// <param name="question">Without a mark behind it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string> AskAsync(string question, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            return (await Console.In.ReadLineAsync(cancellationToken))?.Trim() ?? "";
        }

        // the first look at the keyboard ends the terminal's echo: it must be over before anybody pastes
        _ = Console.KeyAvailable;
        var prompt = new TextPrompt<string>($"{question.EscapeMarkup()} (not shown):").Secret(null).AllowEmpty();
        return (await prompt.ShowAsync(AnsiConsole.Console, cancellationToken)).Trim();
    }

    /// <summary>All that a file holds, without the blanks around it.</summary>
    public static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(file.FullName, cancellationToken)).Trim() is { Length: > 0 } secret
                ? secret
                : throw new CommandFailure("secret_missing", $"{file} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // who gave the secret in place of a file does not want it on the screen
            var named = Path.Exists(file.FullName) ? file.ToString() : "The file that was named for the secret";
            throw new CommandFailure("file_unreadable", $"{named} cannot be read: {FileTrouble.Of(e, file.FullName)}.");
        }
    }
}
