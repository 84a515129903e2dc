using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text.Json.Serialization;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Trace;

/// <summary>
/// What the services of a platform have logged that was launched in the checkout one stands in: <c>.zoho/logs</c> beside the solution. Logs mix
/// tenants, so no gateway hands them out; elsewhere they stay where their operator has them.
/// </summary>
internal sealed class LaunchLogs
{
    private readonly string _state;

    private LaunchLogs(string state) => _state = state;

    private string Logs => Path.Combine(_state, "logs");

    /// <summary>Where a launch keeps its state that was given another folder for it.</summary>
    public static readonly Option<DirectoryInfo?> StateDirectory = new("--state-directory")
    {
        HelpName = "FOLDER",
        Description = "What the launch was given as --AppHost:StateDirectory; .zoho of the checkout when absent.",
    };

    /// <exception cref="CommandFailure">One stands elsewhere, or the commands here speak with a platform on another machine.</exception>
    public static LaunchLogs Find(ParseResult parsed)
    {
        if (parsed.GetValue(StateDirectory)?.FullName is { } named)
        {
            var there = new LaunchLogs(named);
            return Directory.Exists(there.Logs)
                ? there
                : throw new CommandFailure("not_launched", $"There is no {there.Logs}: no launch keeps its state in {named}.");
        }

        if (Credentials.NamedUrl(parsed) is null or { IsLoopback: true } && Checkout.StateFolder is { } state)
        {
            var found = new LaunchLogs(state);
            return Directory.Exists(found.Logs)
                ? found
                : throw new CommandFailure(
                    "not_launched",
                    $"There is no {found.Logs}: nothing was launched in this checkout yet, or with another state. Launch it with ./run.sh; where "
                    + $"that was given --AppHost:StateDirectory=FOLDER, say {StateDirectory.Name} FOLDER here.");
        }

        throw new CommandFailure(
            "logs_elsewhere", "Logs mix all tenants and stay where the platform's operator keeps them: give the trace id to the operator.");
    }

    /// <summary>The lines of all services that <paramref name="isWanted"/>, in the order of their times, the last <paramref name="most"/> of them.</summary>
    /// <param name="services">Of these alone; of all where there are none.</param>
    /// <param name="isWanted">Is shown each line.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="CommandFailure">One of the services is none, or the logs are somebody else's.</exception>
    public IReadOnlyList<LogLine> Read(IReadOnlyCollection<string> services, Predicate<string> isWanted, int most)
    {
        try
        {
            var files = Directory.GetFiles(Logs, "*.log");
            var known = ServicesOf(files);
            if (services.FirstOrDefault(service => !known.Contains(service, StringComparer.Ordinal)) is { } unknown)
            {
                throw new CommandFailure("service_unknown", $"There is no log of {unknown}: there are those of {string.Join(", ", known)}.");
            }

            return
            [
                .. files.Where(file => services.Count == 0 || services.Contains(ServiceOf(file), StringComparer.Ordinal))
                    // what was said at one moment stays in its service's order
                    .Order(StringComparer.Ordinal)
                    .SelectMany(file => LinesOf(file, isWanted).TakeLast(most))
                    .OrderBy(line => line.At)
                    .TakeLast(most),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("logs_unreadable", $"{Logs} cannot be read: run this as the user who started the platform.");
        }
    }

    /// <summary>A link to a page of the dashboard that signs in; null while no dashboard runs.</summary>
    public Uri? Dashboard(string page)
    {
        try
        {
            var file = Path.Combine(_state, "dashboard");
            if (!File.Exists(file) || !Uri.TryCreate(File.ReadAllText(file).Trim(), UriKind.Absolute, out var link))
            {
                return null;
            }

            return link.Query.Length == 0
                ? new Uri(link, page)
                : new Uri($"{link.AbsoluteUri}&returnUrl={Uri.EscapeDataString(page)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;    // the lines are what was asked for
        }
    }

    /// <summary>What a shell completes: services that have logged here; none where that cannot be seen.</summary>
    public static IEnumerable<string> Services(CompletionContext context)
    {
        try
        {
            return ServicesOf(Directory.GetFiles(Find(context.ParseResult).Logs, "*.log"));
        }
        catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
        {
            // a shell has no place for it
            return [];
        }
    }

    private static List<string> ServicesOf(string[] files) =>
        [.. files.Select(ServiceOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    // the launch before has its lines in tokens.previous.log
    private static string ServiceOf(string file) => Path.GetFileName(file).Split('.')[0];

    private static IEnumerable<LogLine> LinesOf(string file, Predicate<string> isWanted)
    {
        // a service goes on writing
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var at = DateTimeOffset.MinValue;
        while (reader.ReadLine() is { } text)
        {
            // what has no time of its own belongs to the line before
            at = TimeOf(text) ?? at;
            if (isWanted(text))
            {
                yield return new LogLine(ServiceOf(file), at, text);
            }
        }
    }

    private static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParse(
            text.AsSpan(0, Math.Max(0, text.IndexOf(' ', StringComparison.Ordinal))), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}

/// <summary>A line of a service's log.</summary>
internal sealed record LogLine(string Service, [property: JsonIgnore] DateTimeOffset At, string Line);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogJson : JsonSerializerContext;

internal static class LogOutput
{
    extension(Terminal terminal)
    {
        /// <summary>Each line behind its service's name; a JSON object each for machines.</summary>
        public void Show(IReadOnlyList<LogLine> lines)
        {
            var width = lines.Count == 0 ? 0 : lines.Max(line => line.Service.Length);
            foreach (var line in lines)
            {
                terminal.Document(line, LogJson.Default.LogLine);
                terminal.Line($"{line.Service.PadRight(width)}  {line.Line}");
            }
        }
    }
}
