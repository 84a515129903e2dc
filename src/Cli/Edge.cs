using System.CommandLine;
using System.Net;
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
        public void Runs(Func<ParseResult, Terminal, CancellationToken, Task<int>> run) =>
            command.SetAction((parsed, cancellationToken) => RunAsync(parsed, run, cancellationToken));
    }

    private static async Task<int> RunAsync(
        ParseResult parsed, Func<ParseResult, Terminal, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        var terminal = new Terminal(parsed.GetValue(Json));
        try
        {
            return await run(parsed, terminal, cancellationToken);
        }
        catch (PlatformException e)
        {
            var exit = ExitOf(e);
            terminal.Failed(new FailureDocument(e.Code, e.Message, HintFor(e), e.Errors.Count == 0 ? null : e.Errors, e.TraceId, exit));
            return exit;
        }
        catch (CommandFailure e)
        {
            terminal.Failed(new FailureDocument(e.Code, e.Message, null, null, null, e.Exit));
            return e.Exit;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
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

    private static string? HintFor(PlatformException failure) => failure.Status switch
    {
        null => "Start the platform with ./run.sh, or name another gateway with: zoho login --url https://...",
        HttpStatusCode.Unauthorized => "Sign in with another key: zoho login",
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => "Try again in a while.",
        _ => null,
    };
}
