using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// Each request in one line once it has ended: method, route, status, milliseconds, tenant and caller; its trace id is the line's own
/// (<see cref="LogLines"/>). Of the address the route alone, as it is mapped: no value, no query. Looks at health are left out.
/// </summary>
internal sealed partial class RequestLog(RequestDelegate next, LogLevel level, ILogger<RequestLog> logger, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context) => logger.IsEnabled(level) && !context.IsProbe ? LogAsync(context) : next(context);

    private async Task LogAsync(HttpContext context)
    {
        var begun = clock.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var caller = CallerIdentity.CallerOf(context.User);
            var method = IsGrpc(context) ? "gRPC" : context.Request.Method;
            var (route, status, tenant) = (context.AskedRoute, StatusOf(context), caller?.Tenant.ToString() ?? "-");
            var milliseconds = (long)clock.GetElapsedTime(begun).TotalMilliseconds;
            LogRequest(level, method, route, status, milliseconds, tenant, caller?.Subject ?? "-");
        }
    }

    private static string StatusOf(HttpContext context) =>
        context.Response.GrpcStatus is { } status ? status.ToString()
        : context.RequestAborted.IsCancellationRequested ? "gone"
        : context.Response.StatusCode.ToString(CultureInfo.InvariantCulture);

    private static bool IsGrpc(HttpContext context) =>
        context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true;

    [LoggerMessage(Message = "{Method} {Route} {Status} in {Milliseconds} ms, tenant {Tenant}, caller {Caller}")]
    private partial void LogRequest(LogLevel level, string method, string route, string status, long milliseconds, string tenant, string caller);
}

/// <summary>Puts the log of requests before all that answers them.</summary>
public static class RequestLogHosting
{
    extension(IApplicationBuilder app)
    {
        /// <summary>Logs every request at <paramref name="level"/>: the door of the platform tells of each, the services behind it when asked to.</summary>
        public void UseRequestLog(LogLevel level) => app.UseMiddleware<RequestLog>(level);
    }
}

/// <summary>The same for the calls of a gRPC server, when it is asked for what helps debugging: the gateway's line tells of their callers.</summary>
internal sealed class CallLog : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseRequestLog(LogLevel.Debug);
        next(app);
    };
}
