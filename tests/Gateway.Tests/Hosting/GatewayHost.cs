using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests.Hosting;

/// <summary>The real gateway on a real port, with its own database on real PostgreSQL, real Redis, and <see cref="ScriptedServices"/> behind it.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public const string AdminKey = "fakeAdminKeyFakeAdminKeyFakeAdminKey01";
    public const string PlatformKey = "zp_bootstrap_" + AdminKey;

    private readonly Dictionary<string, string?> _settings;
    private readonly bool _ownsServices;
    private ServiceHost _host;

    private GatewayHost(string database, Dictionary<string, string?> settings, ScriptedServices services, bool ownsServices, ShiftedClock clock)
    {
        (Database, _settings, Services, _ownsServices, Clock) = (database, settings, services, ownsServices, clock);
        _host = Start();
    }

    public ScriptedServices Services { get; }

    public ShiftedClock Clock { get; }

    public RecordedLog Logs { get; } = new();

    /// <summary>What it would have sent to a collector, where a test has set one.</summary>
    public ExportedSpans Spans { get; } = new();

    // the port for gRPC, where there is one, is told before it
    public Uri Address => _host.Addresses[^1];

    /// <summary>The gateway's own parts, for what no request brings about.</summary>
    public IServiceProvider Provider => _host.Services;

    /// <summary>What is mapped, with its metadata.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _host.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Its database, as one who may see all of it.</summary>
    public string Database { get; }

    public string Redis => _settings["ConnectionStrings:redis"]!;

    /// <summary>A gateway with these settings beside what every one needs; null takes one of those away.</summary>
    public static async Task<GatewayHost> StartAsync(params (string Name, string? Value)[] settings)
    {
        var servers = await TestServers.Shared;
        var clock = new ShiftedClock();
        var database = await new GatewayDatabase().RentAsync();
        var services = await ScriptedServices.StartAsync(clock);
        var all = new Dictionary<string, string?>(TestTickets.SettingsOf("gateway"), StringComparer.OrdinalIgnoreCase)
        {
            ["ConnectionStrings:gateway"] = await new GatewayDatabase().PrepareAsync(database),
            ["ConnectionStrings:redis"] = servers.Redis,
            ["Secrets:MasterKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["services:tokens:grpc:0"] = services.AddressOf("tokens"),
            ["services:campaigns:grpc:0"] = services.AddressOf("campaigns"),
            ["services:crm:grpc:0"] = services.AddressOf("crm"),
            ["services:messaging:grpc:0"] = services.AddressOf("messaging"),
            ["services:webhooks:grpc:0"] = services.AddressOf("webhooks"),
            ["Bootstrap:AdminKey"] = AdminKey,
            ["urls"] = "http://127.0.0.1:0",
            // the tests of limits set their own
            ["RateLimits:PerMinute"] = "800000",
            ["RateLimits:Burst"] = "800000",
            ["RateLimits:OwnerPerMinute"] = "900000",
            ["RateLimits:TenantPerMinute"] = "1000000",
            ["RateLimits:AnonymousPerMinute"] = "1000000",
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return new GatewayHost(database, all, services, ownsServices: true, clock);
    }

    /// <summary>Another replica of this gateway: same settings, database, Redis and services.</summary>
    public GatewayHost Replica(params (string Name, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?>(_settings, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return new GatewayHost(Database, all, Services, ownsServices: false, Clock);
    }

    /// <summary>Stops the gateway and starts it again, as it was set up.</summary>
    public async Task RestartAsync()
    {
        await _host.DisposeAsync();
        _host = Start();
    }

    public RestClient CreateClient(string? key = PlatformKey)
    {
        // what the gateway says is looked at as it is: no redirect is followed, no cookie kept
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return new RestClient(http);
    }

    /// <summary>A new tenant and a key of it.</summary>
    public async Task<(string Tenant, string Key)> CreateTenantAsync(string role = "admin")
    {
        using var platform = CreateClient();
        var tenant = await platform.PostAsync("/api/v1/admin/tenants", new { name = $"t-{Guid.NewGuid():N}" });
        var id = tenant.Json.GetProperty("id").GetString()!;
        var key = await platform.PostAsync($"/api/v1/admin/tenants/{id}/keys", new { name = "first", role });
        return (id, key.Json.GetProperty("key").GetString()!);
    }

    /// <summary>A client with a key of a tenant of its own.</summary>
    public async Task<RestClient> CreateClientOfNewTenantAsync(string role = "admin") => CreateClient((await CreateTenantAsync(role)).Key);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        if (_ownsServices)
        {
            await Services.DisposeAsync();
            await new GatewayDatabase().GiveBackAsync(Database);
        }
    }

    private ServiceHost Start() => ServiceHost.Start<GatewayDbContext>(
        _settings, Logs, Clock, services => services
            .AddTransient<IStartupFilter, UndocumentedFailures>()
            .ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(Spans)));

    // marks an answer that the description of its operation does not know
    private sealed class UndocumentedFailures : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, answer) =>
            {
                context.Response.OnStarting(() =>
                {
                    var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
                    var (status, operation) = (context.Response.StatusCode, endpoint?.Metadata);
                    // HEAD of a stream is no operation
                    if (status is >= StatusCodes.Status400BadRequest and not StatusCodes.Status405MethodNotAllowed
                        && operation?.GetMetadata<IEndpointNameMetadata>() is { EndpointName: var name }
                        && operation.GetOrderedMetadata<IProducesResponseTypeMetadata>().All(documented => documented.StatusCode != status))
                    {
                        context.Response.Headers[RestClient.UndocumentedHeader] = name;
                    }

                    return Task.CompletedTask;
                });
                return answer(context);
            });
            next(app);
        };
    }
}
