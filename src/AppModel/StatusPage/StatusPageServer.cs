using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.StatusPage;

/// <summary>
/// A page on loopback that shows every replica and its log, live. It asks for a token that only the launch prints, keeps it in a
/// cookie, and never shows an environment variable.
/// </summary>
internal sealed class StatusPageServer(
    IConfiguration configuration, StateFolder state, Launch launch, ResourceNotificationService notifications)
    : IHostedService, IAsyncDisposable
{
    private const string PortSetting = "AppHost:Dashboard:Port";
    private const int DefaultPort = 8090;

    private static readonly string Page = ReadPage();

    private readonly string _token = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private WebApplication? _server;
    private string _cookie = "";

    /// <summary>Where the page is, with the token; null where none was wanted (port 0).</summary>
    public string? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var port = configuration.GetValue(PortSetting, DefaultPort);
        if (port == 0)
        {
            return;
        }
        _cookie = string.Create(CultureInfo.InvariantCulture, $"apphost-status-{port}");    // cookies do not know ports
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = state.Root });
        builder.Configuration.Sources.Clear();      // the app host's settings and variables are not this server's
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        _server = builder.Build();
        _server.Use(CheckAsync);
        _server.MapGet("/", () => Results.Content(Page, "text/html; charset=utf-8"));
        _server.MapGet("/resources", WatchResources);
        _server.MapGet("/logs/{instance}", WatchLog);
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new DistributedApplicationException(
                $"Port {port}, which the status page needs, is taken by {ProcFs.ListenerOn(port) ?? "another process"}. Set {PortSetting} to another one, or to 0 for no page.");
        }
        Address = $"http://127.0.0.1:{port}/?token={_token}";
    }

    // it shows the others' end, and goes with the process
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);     // open pages are not waited for
            await _server.StopAsync(now.Token);
            await _server.DisposeAsync();
        }
    }

    private async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";

        // a name that leads here is somebody else's page (DNS rebinding)
        if (context.Request.Host.Host is not ("127.0.0.1" or "localhost"))
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }
        if (context.Request.Query["token"].ToString() is { Length: > 0 } token && IsToken(token))
        {
            context.Response.Cookies.Append(
                _cookie, token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true });
            context.Response.Redirect(context.Request.Path);    // out of the address bar and the history
            return;
        }
        if (!IsToken(context.Request.Cookies[_cookie]))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync(
                "Open the address that the launch printed: it carries the token for this page.", context.RequestAborted);
            return;
        }
        await next(context);
    }

    private bool IsToken(string? given) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(_token));

    private ServerSentEventsResult<Row[]> WatchResources(CancellationToken ct) => TypedResults.ServerSentEvents(ResourcesAsync(ct));

    private async IAsyncEnumerable<Row[]> ResourcesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var change = notifications.NextChange;
            yield return [.. launch.Instances.Select(Row.Of)];
            await change.WaitAsync(ct);
        }
    }

    private Results<ServerSentEventsResult<string>, NotFound> WatchLog(string instance, CancellationToken ct) =>
        launch.Instances.FirstOrDefault(i => i.Name == instance) is { } found
            ? TypedResults.ServerSentEvents(found.Log.ListenAsync(ct))
            : TypedResults.NotFound();

    private static string ReadPage()
    {
        using var reader = new StreamReader(typeof(StatusPageServer).Assembly.GetManifestResourceStream("status.html")!);
        return reader.ReadToEnd();
    }

    private sealed record Row(string Name, string State, string? Health, string? Reason, int Restarts, int? Pid, string[] Endpoints)
    {
        public static Row Of(ResourceInstance instance) => new(
            instance.Name, instance.State, instance.Health?.ToString(), instance.Reason, instance.Restarts, instance.Pid,
            instance.Addresses);
    }

    /// <summary>The app host has the signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
