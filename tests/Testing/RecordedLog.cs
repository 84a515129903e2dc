using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Testing;

/// <summary>Every line that a host logged at <paramref name="least"/> or above, with its exception; readable after the host is gone.</summary>
public sealed class RecordedLog(LogLevel least = LogLevel.Trace) : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>What kept the last host that could not start from it.</summary>
    public Exception? StartFailure { get; private set; }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName, least);

    public void Dispose()
    {
        // the lines outlive the host
    }

    private sealed class Logger(RecordedLog log, string category, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null && category == "Microsoft.Extensions.Hosting.Internal.Host")
            {
                log.StartFailure = exception;
            }

            if (IsEnabled(logLevel))
            {
                log._lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
