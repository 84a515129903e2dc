using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.ServiceDefaults;

/// <summary>What every host of the platform has.</summary>
public static class ServiceDefaultsHosting
{
    private const string LiveTag = "live";

    extension(IHostApplicationBuilder builder)
    {
        /// <summary>The clock, telemetry, health and a calm log.</summary>
        public void AddServiceDefaults()
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.AddLogDefaults();
            builder.AddTelemetry();
            builder.Services.AddSingleton<IHealthCheckPublisher, HealthLog>();
            // whoever asks has it looked at, and told to all: this is for a host that nobody asks
            builder.Services.Configure<HealthCheckPublisherOptions>(options =>
                (options.Period, options.Predicate) = (SharedHealth.OwnPeriod, SharedHealth.ForItself));
            builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
            SharedHealth.Add(builder.Services);
        }

        /// <summary><see cref="Tickets"/>, for a host that calls services of the platform.</summary>
        /// <param name="service">The host's own name, under which the others trust its key.</param>
        public void AddTickets(string service)
        {
            builder.Services.AddSingleton<IValidateOptions<TicketOptions>, TicketOptionsValidator>();
            builder.Services.AddOptions<TicketOptions>().BindConfiguration(TicketOptions.Section).ValidateOnStart();
            builder.Services.AddSingleton(provider => new Tickets(
                service, provider.GetRequiredService<IOptions<TicketOptions>>(), provider.GetRequiredService<TimeProvider>()));
        }

        /// <summary><see cref="TicketCheck"/>, for a host that reads what others have signed.</summary>
        /// <param name="service">The host's own name, for which tickets are made.</param>
        public void AddTrust(string service)
        {
            builder.Services.AddSingleton<IValidateOptions<TrustOptions>, TrustOptionsValidator>();
            builder.Services.AddOptions<TrustOptions>().BindConfiguration(TicketOptions.Section).ValidateOnStart();
            builder.Services.AddSingleton(provider => new TicketCheck(
                service, provider.GetRequiredService<IOptions<TrustOptions>>(), provider.GetRequiredService<TimeProvider>()));
        }

        /// <summary>A gRPC server that answers nothing without a ticket for it, of a service that it hears.</summary>
        /// <param name="service">Its name, for which tickets are made.</param>
        public void AddGrpcServer(string service)
        {
            builder.AddTrust(service);
            builder.Services.AddSingleton<IStartupFilter, CallLog>();
            // one call whose message never comes would end the connection, with the calls of all tenants that share it
            builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null);
            builder.Services.AddSingleton<TicketDoor>();
            builder.Services.AddSingleton<IStartupFilter>(services => services.GetRequiredService<TicketDoor>());
            builder.AddGrpcFailures();
            builder.Services.AddGrpcHealthChecks();
            builder.Services.AddGrpcReflection();
        }

        /// <summary>gRPC that tells an outage, and a message that it cannot read, as all else is refused; a part of <c>AddGrpcServer</c>.</summary>
        public void AddGrpcFailures()
        {
            builder.Services.AddSingleton<CallFailures>();
            builder.Services.AddSingleton<IStartupFilter>(services => services.GetRequiredService<CallFailures>());
            builder.Services.AddGrpc(options => options.Interceptors.Add<CallFailures>());
        }
    }

    extension(WebApplication app)
    {
        /// <summary>
        /// <c>/health</c>: 200 when everything that this host needs is there. <c>/alive</c>: 200 when the process answers at all. A gRPC
        /// server also has <c>grpc.health.v1.Health</c>, open to all as these are, and in development or with <c>Grpc:Reflection=true</c>
        /// reflection, for callers with a ticket.
        /// </summary>
        public void MapDefaultEndpoints()
        {
            app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = TellAsync }).AllowAnonymous();
            app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).AllowAnonymous();

            if (app.Services.GetService<TicketDoor>() is not { } door)
            {
                return;     // no AddGrpcServer: a host of REST or pages
            }

            door.Guard(app);

            app.MapGrpcHealthChecksService().AllowAnonymous();

            if (app.Environment.IsDevelopment() || app.Configuration.GetValue<bool>("Grpc:Reflection"))
            {
                app.MapGrpcReflectionService();
            }
        }
    }

    // a second look for the log and for who watches grpc.health.v1 would ask every dependency twice
    private static async Task TellAsync(HttpContext context, HealthReport report)
    {
        foreach (var publisher in context.RequestServices.GetServices<IHealthCheckPublisher>())
        {
            await publisher.PublishAsync(report, context.RequestAborted);
        }

        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(report.Status.ToString(), context.RequestAborted);
    }
}
