using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Completion;

/// <summary>
/// What <c>zoho [suggest:POSITION] "LINE"</c> answers to a shell: a completion on each line. The library's own answer knows nothing that a gateway
/// must be asked for. Nothing is ever said but completions: where the gateway does not answer within two seconds there are none.
/// </summary>
internal sealed class Suggestions(SuggestDirective directive) : AsynchronousCommandLineAction
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public override async Task<int> InvokeAsync(ParseResult parseResult, CancellationToken cancellationToken = default)
    {
        // the name of the program may be a path: it is not looked at
        var line = parseResult.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? "";
        var begin = line.IndexOf(' ', StringComparison.Ordinal) + 1;
        var position = parseResult.GetResult(directive)?.Values is [var text, ..]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var told)
                ? told
                : line.Length;
        if (begin == 0 || position < begin)
        {
            return ExitCode.Done;
        }

        var typed = parseResult.RootCommandResult.Command.Parse(line[begin..Math.Min(position, line.Length)]);
        var word = typed.GetCompletionContext().WordToComplete;
        foreach (var item in typed.GetCompletions())
        {
            if (IdSource.Of(item) is not { } source)
            {
                Console.Out.WriteLine(item.Label);
                continue;
            }

            foreach (var id in (await IdsAsync(source, typed, cancellationToken)).Where(id => id.StartsWith(word, StringComparison.Ordinal)))
            {
                Console.Out.WriteLine(id);
            }
        }

        return ExitCode.Done;
    }

    private static async Task<IEnumerable<string>> IdsAsync(IdSource source, ParseResult typed, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var found = Credentials.Find(typed);
            using var client = PlatformClient.Connect(found.Url, found.Key);
            return await source.ListAsync(client, limit.Token);
        }
        catch (Exception e) when (e is PlatformException or CommandFailure or OperationCanceledException)
        {
            // a shell has no place for it
            return [];
        }
    }
}
