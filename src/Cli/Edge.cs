using System.CommandLine;
using System.Net;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli;

/// <summary>Where commands begin and end: the only place where a failure becomes output and an exit code.</summary>
internal static class Edge
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Answer with JSON: one document, or one line per event where there are many.",
        Recursive = true,
    };

    extension(Command command)
    {
        /// <param name="run">What it does; its exit code.</param>
        /// <param name="words">Of the fields that its options fill; null where the gateway's sentences name none.</param>
        public void Runs(Func<ParseResult, Terminal, CancellationToken, Task<int>> run, FieldWords? words = null) =>
            command.SetAction((parsed, cancellationToken) => RunAsync(parsed, run, words, cancellationToken));

        /// <summary>Lists things, by itself and as its subcommand <c>list</c>.</summary>
        public void Lists(Func<ParseResult, Terminal, CancellationToken, Task<int>> run, params IEnumerable<Option> options) =>
            command.Lists(run, null, options);

        /// <summary>The same with the words of the fields that its options fill.</summary>
        public void Lists(
            Func<ParseResult, Terminal, CancellationToken, Task<int>> run, FieldWords? words, params IEnumerable<Option> options)
        {
            var list = new Command("list", command.Description);
            foreach (var option in options)
            {
                command.Add(option);
                list.Add(option);
            }

            list.Runs(run, words);
            command.Add(list);
            command.Runs(run, words);
        }
    }

    /// <summary>Runs a command line, whatever it is; the library's own end for what is thrown would be a stack trace.</summary>
    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        try
        {
            // a value that begins with @ is a value
            var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (!Usage.IsNotUnderstood(parsed))
            {
                return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            }

            TerminalOf(parsed).Failed(Usage.Of(parsed));
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // a closed one is told as an access denied; commands turn what befalls their files into failures of their own: what is left is the output
            TrySay($"Error: the output cannot be written, and what is missing of it is lost: {e.Message} (output_lost)");
            return ExitCode.Configuration;
        }
        catch (Exception e)
        {
            TrySay($"Error: this is a bug of zoho; what it says of itself:\n{e}");
            return ExitCode.Usage;
        }
    }

    /// <summary>Says what the gateway refused, in the words of a command whose options have other names than the gateway's fields.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="failure">What the gateway said.</param>
    /// <param name="inWords">Says a sentence of it.</param>
    /// <param name="exit">Where it is another one than such a failure has.</param>
    public static int Failed(
        ParseResult parsed, Terminal terminal, PlatformException failure, Func<string, string> inWords, int? exit = null) =>
        Failed(terminal, failure, exit ?? ExitOf(failure), inWords, HintFor(failure, parsed));

    /// <summary>Says what the gateway refused, and what to do, which the caller knows better.</summary>
    public static int Failed(Terminal terminal, PlatformException failure, string hint) =>
        Failed(terminal, failure, ExitOf(failure), CommandWords.Said, hint);

    private static int Failed(Terminal terminal, PlatformException failure, int exit, Func<string, string> inWords, string? hint)
    {
        var errors = failure.Errors.ToDictionary(
            error => error.Key, error => error.Value.Select(inWords).ToArray(), StringComparer.Ordinal);
        terminal.Failed(new FailureDocument(
            failure.Code, inWords(failure.Message), hint, errors.Count == 0 ? null : errors, failure.TraceId, exit));
        return exit;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        Func<ParseResult, Terminal, CancellationToken, Task<int>> run,
        FieldWords? words,
        CancellationToken cancellationToken)
    {
        var terminal = TerminalOf(parsed);
        try
        {
            return await run(parsed, terminal, cancellationToken);
        }
        catch (PlatformException e)
        {
            return Failed(parsed, terminal, e, words is null ? CommandWords.Said : words.Said);
        }
        catch (CommandFailure e)
        {
            terminal.Failed(FailureDocument.Of(e.Code, e.Message, e.Exit));
            return e.Exit;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    // also of a line that was not understood, where a value cannot be asked for
    private static Terminal TerminalOf(ParseResult parsed) =>
        new(parsed.GetResult(Json) is { Implicit: false }, parsed.CommandResult.Command is DataCommand);

    private static void TrySay(string text)
    {
        try
        {
            Console.Error.WriteLine(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // nobody can be told; the exit code says it
        }
    }

    private static int ExitOf(PlatformException failure) => failure.Status switch
    {
        null
            or HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => ExitCode.Unreachable,
        >= HttpStatusCode.InternalServerError => ExitCode.Usage,
        _ => ExitCode.Configuration,
    };

    private static string? HintFor(PlatformException failure, ParseResult parsed) => failure.Status switch
    {
        null => "Start the platform with ./run.sh, or name another gateway with: zoho login --url https://...",
        HttpStatusCode.Unauthorized => Credentials.OtherKey(parsed),
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => "Try again in a while.",
        _ => null,
    };
}
