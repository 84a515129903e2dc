using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// How much libraries log, unless <c>Logging:LogLevel</c> says otherwise for the same category or a longer one: .NET goes by the longest, so
/// that <c>Default</c> or <c>Microsoft</c> changes nothing here.
/// </summary>
internal static class LogDefaults
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

    extension(IHostApplicationBuilder builder)
    {
        public void AddLogDefaults() => builder.Services.Configure<LoggerFilterOptions>(filter =>
        {
            // of two rules for one category the later one counts: the configuration's
            foreach (var rule in Rules)
            {
                filter.Rules.Insert(0, rule);
            }
        });
    }

    private static LoggerFilterRule LeastOf(string category, LogLevel level) => new(null, category, level, null);
}
