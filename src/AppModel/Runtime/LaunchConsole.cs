using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Runtime;

/// <summary>What the launch says to the person who started it.</summary>
internal sealed class LaunchConsole(bool enabled)
{
    private static readonly string[] Colours = ["36", "32", "33", "35", "34", "96", "92", "95"];

    private readonly bool _coloured = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    private readonly Lock _lock = new();
    private readonly List<string> _names = [];

    /// <summary>A line of a resource, behind its name.</summary>
    public void Line(string instance, string text)
    {
        lock (_lock)
        {
            if (!_names.Contains(instance))
            {
                _names.Add(instance);
            }
            var colour = Colours[_names.IndexOf(instance) % Colours.Length];
            Write(Console.Out, _coloured ? $"\e[{colour}m[{instance}]\e[0m {text}" : $"[{instance}] {text}");
        }
    }

    /// <summary>A line of the launch itself.</summary>
    public void Say(string text) => Write(Console.Out, text);

    public void Error(string text) => Write(Console.Error, _coloured ? $"\e[31m{text}\e[0m" : text);

    public void Table(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Say(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private void Write(TextWriter writer, string text)
    {
        if (enabled)
        {
            lock (_lock)
            {
                writer.WriteLine(text);
            }
        }
    }
}

/// <summary>The app host's own log, on the same console as everything else.</summary>
internal sealed class LaunchLoggerProvider(LaunchConsole console) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ConsoleLogger(console, categoryName);

    public void Dispose()
    {
        // holds nothing
    }

    private sealed class ConsoleLogger(LaunchConsole console, string category) : ILogger
    {
        private readonly LogLevel _lowest = category switch
        {
            _ when category.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal) =>
                LogLevel.None,    // its failures are told as sentences
            _ when category.StartsWith("Microsoft.", StringComparison.Ordinal) => LogLevel.Warning,
            _ => LogLevel.Information,
        };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= _lowest && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }
            var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
            if (logLevel >= LogLevel.Warning)
            {
                console.Error(text);
            }
            else
            {
                console.Say(text);
            }
        }
    }
}
