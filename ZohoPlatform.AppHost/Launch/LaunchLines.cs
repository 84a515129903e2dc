using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// What a launch has to say after its start: when (UTC, as the services' logs have it) and what; of what Aspire says also which part of it. No
/// levels: the person who launched is told what happened and what to do, not how a library grades it.
/// </summary>
internal sealed class LaunchLines(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "launch";

    private static readonly string Own = typeof(LaunchLines).Namespace!;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z' ", CultureInfo.InvariantCulture));
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Category.StartsWith(Own, StringComparison.Ordinal))
        {
            textWriter.Write(message);
        }
        else
        {
            textWriter.Write($"{logEntry.Category}: {message.ReplaceLineEndings(" ")}");
        }

        if (logEntry.Exception is { } exception)
        {
            textWriter.Write($" ({exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")})");
        }

        textWriter.WriteLine();
    }
}
