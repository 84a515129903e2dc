using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Input;

/// <summary>Asks the person at the keyboard.</summary>
internal static class Question
{
    /// <summary>Null where nobody can answer: standard input is a file or a pipe, or a machine reads along.</summary>
    /// <param name="terminal">Where the question is shown, on stderr.</param>
    /// <param name="question">With what ends it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string?> AskAsync(Terminal terminal, string question, CancellationToken cancellationToken)
    {
        if (terminal.IsJson || Console.IsInputRedirected)
        {
            return null;
        }

        await Console.Error.WriteAsync($"{Terminal.Clean(question)} ");
        return (await Console.In.ReadLineAsync(cancellationToken))?.Trim() ?? "";
    }

    /// <summary>Whether the person says yes; not where nobody can answer.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public static async Task<bool> AgreesAsync(Terminal terminal, string question, CancellationToken cancellationToken) =>
        string.Equals(await AskAsync(terminal, $"{question} [y/N]", cancellationToken), "y", StringComparison.OrdinalIgnoreCase);
}
