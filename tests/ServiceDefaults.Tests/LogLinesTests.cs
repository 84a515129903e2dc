using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class LogLinesTests
{
    private readonly LogLines _lines = new(new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 7, 31, 5, 42, TimeSpan.Zero)));

    [Fact]
    public void An_event_is_a_line_with_its_time_and_without_numbers() =>
        Assert.Equal("2026-11-27T07:31:05.042Z info ZohoPlatform.Any: it is so\n", Written(LogLevel.Information, "it is so"));

    [Fact]
    public void It_names_the_trace_in_which_it_was_logged()
    {
        using var work = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();

        Assert.Equal(
            $"2026-11-27T07:31:05.042Z warn ZohoPlatform.Any: it is so trace={work.TraceId.ToHexString()}\n", Written(LogLevel.Warning, "it is so"));
    }

    [Fact]
    public void An_exception_and_words_of_several_lines_are_one_line_too()
    {
        var thrown = Assert.Throws<InvalidOperationException>(Throw);

        var written = Written(LogLevel.Error, "it\r\nfailed", thrown);

        Assert.StartsWith(
            "2026-11-27T07:31:05.042Z fail ZohoPlatform.Any: it failed System.InvalidOperationException: first second    at ZohoPlatform.", written,
            StringComparison.Ordinal);
        Assert.Equal(written.Length - 1, written.IndexOf('\n', StringComparison.Ordinal));

        static void Throw() => throw new InvalidOperationException("first\nsecond");
    }

    [Theory]
    [InlineData(null, "lines")]
    [InlineData("json", "json")]
    public void It_is_how_a_host_logs_unless_its_configuration_names_another(string? configured, string formatter)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["Logging:Console:FormatterName"] = configured;
        builder.AddLogDefaults();
        using var host = builder.Build();

        Assert.Equal(formatter, host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        Assert.Contains(host.Services.GetServices<ConsoleFormatter>(), one => one.Name == formatter);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("express:*", false)]
    public void Debug_turns_on_what_the_platform_itself_says(string value, bool isOn)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["DEBUG"] = value;
        builder.AddLogDefaults();
        using var host = builder.Build();
        var loggers = host.Services.GetRequiredService<ILoggerFactory>();

        Assert.Equal(isOn, loggers.CreateLogger("ZohoPlatform.Any").IsEnabled(LogLevel.Debug));
        Assert.False(loggers.CreateLogger("System.Net.Http.HttpClient").IsEnabled(LogLevel.Information));
        Assert.False(loggers.CreateLogger("Any.Library").IsEnabled(LogLevel.Debug));
    }

    private string Written(LogLevel level, string message, Exception? exception = null)
    {
        using var writer = new StringWriter();
        _lines.Write(
            new LogEntry<string>(level, "ZohoPlatform.Any", new EventId(8703987, "Any"), message, exception, (state, _) => state), scopeProvider: null, writer);
        return writer.ToString();
    }
}
