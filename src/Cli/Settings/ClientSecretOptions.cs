using System.CommandLine;
using System.CommandLine.Parsing;
using ZohoPlatform.Cli.Input;

namespace ZohoPlatform.Cli.Settings;

/// <summary>How a client secret comes in: asked for, on standard input, or in a file. Never as an argument, which others can see.</summary>
internal static class ClientSecretOptions
{
    public static readonly Option<bool> Asked = new("--client-secret")
    {
        Description = "Ask for the client secret without showing it, or read it from standard input. It is never an argument: others could see it.",
        Arity = ArgumentArity.Zero,
    };

    public static readonly Option<FileInfo?> File = new("--client-secret-file")
    {
        HelpName = "FILE",
        Description = "A file that holds the client secret.",
    };

    /// <summary>The secret; null where none is to be set.</summary>
    public static async Task<string?> ReadAsync(ParseResult parsed, string title, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(File) is { } file)
        {
            return await Secrets.ReadAsync(file, cancellationToken);
        }

        if (!parsed.GetValue(Asked))
        {
            return null;
        }

        return await Secrets.AskAsync($"Client secret of the {title} client", cancellationToken) is { Length: > 0 } secret
            ? secret
            : throw new CommandFailure("secret_missing", "There was no client secret: nothing was changed.");
    }

    /// <summary>Whether a secret is to be set.</summary>
    public static bool IsGiven(CommandResult result) => result.GetResult(Asked) is { Implicit: false } || result.GetResult(File) is not null;

    /// <summary>Refuses a line that changes nothing.</summary>
    public static void CheckAny(CommandResult result, IEnumerable<Option> options)
    {
        if (!options.Any(option => result.GetResult(option) is { Implicit: false }))
        {
            result.AddError($"Name what to change: {string.Join(", ", options.Select(option => option.Name))}.");
        }

        if (result.GetResult(Asked) is { Implicit: false } && result.GetResult(File) is not null)
        {
            result.AddError("Give --client-secret or --client-secret-file, not both.");
        }
    }
}
