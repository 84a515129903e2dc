using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// How the log looks (<see cref="LogLines"/>, unless <c>Logging:Console:FormatterName</c> names another) and how much goes into it.
/// </summary>
public static class LogDefaults
{
    private static readonly LoggerFilterRule[] Rules =
    [
        LeastOf("Grpc", LogLevel.Warning),      // each refusal with its words, at both ends: they name what was sent
        LeastOf("Microsoft.AspNetCore", LogLevel.Warning),
        LeastOf("Microsoft.EntityFrameworkCore", LogLevel.Warning),
        LeastOf("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None),    // HealthLog tells of them
        LeastOf("Polly", LogLevel.Warning),
        LeastOf("System.Net.Http", LogLevel.Warning),
    ];

    // what libraries say then may hold addresses with their queries
    private static readonly LoggerFilterRule Debugging = LeastOf("ZohoPlatform", LogLevel.Debug);

    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// How much libraries log, unless <c>Logging:LogLevel</c> says otherwise for the same category or a longer one: .NET goes by the longest,
        /// so that <c>Default</c> or <c>Microsoft</c> changes nothing here. <c>DEBUG=true</c> turns on what the platform itself says for debugging.
        /// </summary>
        public void AddLogDefaults()
        {
            var services = builder.Services;
            services.TryAddSingleton(TimeProvider.System);
            builder.Logging.AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
            services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= LogLines.FormatterName);
            var isDebugging = bool.TryParse(builder.Configuration["DEBUG"], out var debug) && debug;
            services.Configure<LoggerFilterOptions>(filter =>
            {
                // of two rules for one category the later one counts: the configuration's
                foreach (var rule in isDebugging ? [.. Rules, Debugging] : Rules)
                {
                    filter.Rules.Insert(0, rule);
                }
            });
        }
    }

    private static LoggerFilterRule LeastOf(string category, LogLevel level) => new(null, category, level, null);
}
