using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli;

/// <summary>
/// What is wrong with a command line, in people's words. What was given to an option that does not exist, or to one that asks for a secret, is never
/// repeated: it may be one.
/// </summary>
internal static class Usage
{
    private const string Name = "zoho";

    private const string Secret = "secret";

    public static FailureDocument Of(ParseResult parsed) => FailureDocument.Of(
        "command_not_understood",
        string.Join(' ', SentencesOf(parsed).Distinct(StringComparer.Ordinal)),
        ExitCode.Usage,
        $"{CallOf(parsed.CommandResult)} --help shows how it goes.");

    /// <summary>Whether something stands where it cannot: the library takes the name of an option for the value of the one before.</summary>
    public static bool IsNotUnderstood(ParseResult parsed) => parsed.Action is ParseErrorAction || WithoutValue(parsed).Any();

    private static IEnumerable<Option> WithoutValue(ParseResult parsed)
    {
        var given = new List<OptionResult>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (SymbolResult? one = parsed.CommandResult; one is CommandResult command; one = one.Parent)
        {
            given.AddRange(command.Children.OfType<OptionResult>());
            names.UnionWith(command.Command.Options.SelectMany(option => (string[])[option.Name, .. option.Aliases]));
        }

        return given.Where(option => option.Tokens.Any(token => names.Contains(token.Value))).Select(option => option.Option);
    }

    // where a value is missing the rest of the line was read wrongly
    private static IEnumerable<string> SentencesOf(ParseResult parsed) =>
        WithoutValue(parsed).ToList() is { Count: > 0 } options ? options.Select(Missing) : ErrorsOf(parsed);

    private static IEnumerable<string> ErrorsOf(ParseResult parsed)
    {
        var unknown = UnknownOf(parsed).ToList();
        foreach (var sentence in unknown)
        {
            yield return sentence;
        }

        foreach (var error in parsed.Errors)
        {
            if (error.SymbolResult is CommandResult && (parsed.UnmatchedTokens.Any(error.Message.Contains) || LacksCommand(parsed)))
            {
                continue;
            }

            yield return error.SymbolResult switch
            {
                ArgumentResult { Parent: OptionResult option, Tokens.Count: 0 } => Missing(option.Option),
                OptionResult { Tokens.Count: 0 } option when option.Option.Arity.MinimumNumberOfValues > 0 => Missing(option.Option),
                ArgumentResult { Parent: OptionResult { Option: var option } } when option.ValueType == typeof(bool) =>
                    $"{option.Name} takes no value.",
                ArgumentResult { Parent: CommandResult, Tokens.Count: 0 } argument =>
                    $"{argument.Argument.HelpName ?? argument.Argument.Name} is missing.",
                _ => error.Message,
            };
        }

        if (unknown.Count == 0 && LacksCommand(parsed))
        {
            yield return $"Say which: {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(command => command.Name))}.";
        }
    }

    private static string Missing(Option option) => $"{option.Name} wants a value: {option.Name} {option.HelpName ?? "VALUE"}.";

    private static bool LacksCommand(ParseResult parsed) => parsed.CommandResult.Command is { Action: null, Subcommands.Count: > 0 };

    private static IEnumerable<string> UnknownOf(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens.Count == 0)
        {
            yield break;
        }

        var words = parsed.Tokens.Select(token => token.Value).ToList();
        foreach (var token in parsed.UnmatchedTokens)
        {
            var before = words.IndexOf(token) is var at and > 0 ? words[at - 1] : "";
            if (token.StartsWith('-'))
            {
                yield return $"There is no option {token.Split('=', ':')[0]} here.";
            }
            else if (before.StartsWith('-') && before.Contains(Secret, StringComparison.Ordinal))
            {
                yield return $"{before.Split('=', ':')[0]} takes no value here.";
            }
            else if (!before.StartsWith('-') || !parsed.UnmatchedTokens.Contains(before, StringComparer.Ordinal))
            {
                yield return $"{token} is not understood.";
            }
        }

        if (NearTo(parsed) is { Length: > 0 } near)
        {
            yield return $"Did you mean {near}?";
        }
    }

    // the library knows which names are near; it writes them below a sentence of its own
    private static string NearTo(ParseResult parsed)
    {
        using var said = new StringWriter();
        ((ParseErrorAction)parsed.Action!).ShowHelp = false;
        parsed.Invoke(new InvocationConfiguration { Output = said, Error = TextWriter.Null });
        return string.Join(" or ", said.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.EndsWith('?')).Distinct(StringComparer.Ordinal));
    }

    private static string CallOf(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? one = result; one is CommandResult command; one = one.Parent)
        {
            names.Insert(0, command.Command is RootCommand ? Name : command.Command.Name);
        }

        return string.Join(' ', names);
    }
}
