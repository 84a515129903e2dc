using Microsoft.Extensions.Options;
using ZohoPlatform.Gateway.Access;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Access.Streams;
using ZohoPlatform.Gateway.Audit;
using ZohoPlatform.Gateway.Bootstrap;
using ZohoPlatform.Gateway.Campaigns;
using ZohoPlatform.Gateway.Connections;
using ZohoPlatform.Gateway.Crm;
using ZohoPlatform.Gateway.Docs;
using ZohoPlatform.Gateway.Door;
using ZohoPlatform.Gateway.Erasing;
using ZohoPlatform.Gateway.KeyRing;
using ZohoPlatform.Gateway.Messaging;
using ZohoPlatform.Gateway.OAuth;
using ZohoPlatform.Gateway.ProviderHooks;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.Gateway.Security;
using ZohoPlatform.Gateway.Settings;
using ZohoPlatform.Gateway.Webhooks;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.ServiceDefaults.Telemetry;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway;

/// <summary>The gateway's table of contents.</summary>
internal static class GatewayHosting
{
    // a new area of the API is a folder and a line here
    private static readonly Area[] Areas =
    [
        new(AccessArea.AddAccessArea, AccessArea.MapAccessArea),
        new(AuditArea.AddAuditArea, AuditArea.MapAuditArea),
        new(ConnectionsArea.AddConnectionsArea, ConnectionsArea.MapConnectionsArea),
        new(OAuthArea.AddOAuthArea, OAuthArea.MapOAuthArea),
        new(SettingsArea.AddSettingsArea, SettingsArea.MapSettingsArea),
        new(CampaignsArea.AddCampaignsArea, CampaignsArea.MapCampaignsArea),
        new(CrmArea.AddCrmArea, CrmArea.MapCrmArea),
        new(MessagingArea.AddMessagingArea, MessagingArea.MapMessagingArea),
        new(ProviderHooksArea.AddProviderHooksArea, ProviderHooksArea.MapProviderHooksArea),
        new(WebhooksArea.AddWebhooksArea, WebhooksArea.MapWebhooksArea),
        new(KeyRingArea.AddKeyRingArea, KeyRingArea.MapKeyRingArea),
        new(ErasingArea.AddErasingArea, _ => { }),
    ];

    extension(WebApplicationBuilder builder)
    {
        public void AddGateway()
        {
            builder.Services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
            builder.Services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();

            builder.AddStorage(new GatewayDatabase());
            // links for browsers are sealed and kept nowhere
            builder.AddSealing<GatewayDbContext>(ServiceCalls.Service);
            builder.AddRedisServer();
            builder.AddTickets(ServiceCalls.Service);
            builder.Services.AddSingleton<ServiceCalls>();
            builder.AddHttpServer();
            foreach (var area in Areas)
            {
                area.Add(builder);
            }

            builder.AddBootstrap();
            builder.Services.AddApiDescription();
            builder.AddDoor();
        }
    }

    extension(WebApplication app)
    {
        public void UseGateway()
        {
            app.UseRequestLog(LogLevel.Information);
            app.UseMiddleware<UnknownProxies>();
            app.UseForwardedHeaders();
            app.UseDoor();
            app.UseSecurityHeaders(app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.IsHttps);
            app.UseExceptionHandler(_ => { });
            app.UseStatusCodePages(context => context.HttpContext.Response.StatusCode is StatusCodes.Status405MethodNotAllowed
                ? HeadRequests.AnswerAsync(context.HttpContext)
                : BareStatuses.Of(context.HttpContext.Response.StatusCode, RequestLimits.MaxBodyOf(context.HttpContext))
                    .ExecuteAsync(context.HttpContext));
            app.UseHeadAsGet();
            app.UseSwaggerUI(page =>
            {
                page.SwaggerEndpoint(OpenApiDocument.Path, "v1");
                page.RoutePrefix = "swagger";
                page.DocumentTitle = "The Zoho platform";
            });
            app.UseRouting();
            app.RefuseHeadWhereGetAlone();
            app.UseRequestTimeouts();
            app.UseCors();
            app.UseAuthentication();
            app.UseMiddleware<RateLimitMiddleware>();
            app.UseAuthorization();
            app.UseMiddleware<KnownParameters>();
            app.UseMiddleware<IdempotentRequests>();
            app.UseMiddleware<LongCalls>();
        }

        public void MapGateway()
        {
            foreach (var area in Areas)
            {
                area.Map(app);
            }

            app.MapOpenApi().AllowAnonymous().WithMetadata(new LimitedPerAddress("docs"));
            app.MapGet("/", () => Results.Redirect("/swagger")).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
