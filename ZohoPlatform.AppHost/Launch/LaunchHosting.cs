using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ZohoPlatform.LocalServers;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>What a launch does beside starting resources: keeps its state, starts again what ends, writes logs, reports.</summary>
internal static class LaunchHosting
{
    // what every launch has unless the environment or the command line says otherwise
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:8090",
        // nobody calls these by hand
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = FreeAddress(),
        ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = FreeAddress(),
        // who stops a launch may count on it that nothing runs any more
        ["DcpPublisher:WaitForResourceCleanup"] = "true",
        ["Logging:LogLevel:Default"] = "Warning",
        // a server that is still starting is no failure
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        // what cannot be started is told as a sentence, once
        ["Logging:LogLevel:Aspire.Hosting.Dcp.DcpExecutor"] = "None",
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
    };

    /// <summary>An application whose dashboard is on loopback without TLS, as everything that a launch starts.</summary>
    /// <exception cref="LaunchException">An argument is no setting, or HOME is not set.</exception>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        var begun = new LaunchBegin(TimeProvider.System.GetTimestamp());
        KnownSettings.Check(args);
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HOME")))
        {
            throw new LaunchException("HOME is not set, and Aspire's orchestrator does not start without it. Start with HOME=~ before the command.");
        }

        // a proxy is for what is outside: the orchestrator and every service are called on loopback
        var direct = Environment.GetEnvironmentVariable("NO_PROXY") ?? Environment.GetEnvironmentVariable("no_proxy");
        direct = string.Join(',', ((string[])[direct ?? "", "127.0.0.1", "localhost", "::1", "[::1]"]).Where(host => host.Length > 0));
        Environment.SetEnvironmentVariable("NO_PROXY", direct);
        Environment.SetEnvironmentVariable("no_proxy", direct);

        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = args,
            AllowUnsecuredTransport = true,
        });
        foreach (var (name, value) in Defaults)
        {
            builder.Configuration[name] ??= value;
        }

        builder.Services.AddSingleton(begun);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddLogging(logging => logging.AddConsoleFormatter<LaunchLines, ConsoleFormatterOptions>());
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.FormatterName = LaunchLines.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        return builder;
    }

    /// <exception cref="LaunchException">The state folder cannot be used, or a port is taken.</exception>
    public static LaunchState AddLaunch(this IDistributedApplicationBuilder builder, Provider provider, string checkout)
    {
        var state = LaunchState.Open(builder, checkout);
        if (builder.ExecutionContext.IsPublishMode)
        {
            return state;
        }

        FixedPorts.Check(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(state);
        services.AddSingleton(provider);
        services.AddSingleton<Connected>();
        // before the orchestrator, whose start ends when everything has started
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ResourceLogs>());
        services.Insert(1, ServiceDescriptor.Singleton<IHostedService, Restarts>());
        services.Insert(2, ServiceDescriptor.Singleton<IHostedService, OrchestratorWatch>());
        services.Insert(3, ServiceDescriptor.Singleton<IHostedService, LaunchReport>());
        return state;
    }

    /// <summary>Has all programs of the platform log as they do by themselves, and what helps debugging where <c>DEBUG=true</c> is given.</summary>
    public static void WithLogs(this IDistributedApplicationBuilder builder, IReadOnlyDictionary<string, string> given)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return;
        }

        var isDebugging = bool.TryParse(given.GetValueOrDefault(GivenSettings.Debug), out var debug) && debug;
        foreach (var project in builder.Resources.OfType<ProjectResource>().Select(builder.CreateResourceBuilder))
        {
            // Aspire has them log in .NET's lines, several for an event
            project.WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "lines");
            if (isDebugging)
            {
                project.WithEnvironment(GivenSettings.Debug, "true");
            }
        }

        if (isDebugging)
        {
            builder.Services.AddSingleton<DebugLogs>();
        }
    }

    private static string FreeAddress() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.TakeFree()}");
}

/// <summary>When the app host began, by the timestamps of <see cref="TimeProvider.System"/>.</summary>
internal sealed record LaunchBegin(long Timestamp);

/// <summary>There where the services' debug logs are on.</summary>
internal sealed record DebugLogs;
