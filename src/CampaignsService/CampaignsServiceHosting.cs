using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.Extensions.Options;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Forgetting;
using ZohoPlatform.CampaignsService.Lists;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Results;
using ZohoPlatform.CampaignsService.Retention;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.CampaignsService.Syncs.Jobs;
using ZohoPlatform.CampaignsService.Telemetry;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Erasure;
using ZohoPlatform.Events;
using ZohoPlatform.Providers;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Redis;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CampaignsService;

internal static class CampaignsServiceHosting
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddCampaignsService()
        {
            if (!EmailAddress.MapsDomains)
            {
                throw new InvalidOperationException(
                    "This process runs without ICU, and would make other domains of internationalised ones: leave DOTNET_SYSTEM_GLOBALIZATION_INVARIANT "
                    + "unset, and InvariantGlobalization off in its project.");
            }

            // ICU brings the machine's language along: what is written is the same on each
            CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
            builder.AddGrpcServer("campaigns");
            builder.Services.Configure<GrpcServiceOptions>(options =>
                options.Interceptors.Add<CallCheck>((Action<ServerCallContext>)TenantsKeysOnly.Check));
            builder.AddTickets("campaigns");
            builder.AddStorage(new CampaignsDatabase());
            builder.AddEventOutbox<CampaignsDbContext>();
            builder.AddSealing<CampaignsDbContext>("campaigns", SyncRow.Connections);
            builder.AddAudit<CampaignsDbContext>("campaigns", AuditActions.All);
            builder.AddErasure<CampaignsDbContext>();
            builder.AddRedisServer();
            // one refresh however often it is asked, one replacement however often it is reported
            builder.AddServiceClient<AccessTokens.AccessTokensClient>("tokens", repeatable: ["GetAccessToken", "ReportRejectedToken"]);
            builder.AddZohoCampaigns();
            builder.AddFeatureAccess("campaigns");
            builder.AddSyncs();
            builder.AddCopies<CampaignsDbContext>();

            var services = builder.Services;
            services.AddSingleton<CampaignsMetrics>();
            services.AddSingleton<SettingsStore>();
            services.AddSingleton<ResultsCache>();
            services.AddSingleton<ZohoChanges>();
            services.AddSingleton<OptOutTelling>();
            services.AddWorkQueue(OptOuts.Queue, OptOuts.Lease);
            services.AddHostedService<OptOutWorker>();
            services.AddSingleton<FreshRegistrations>();
            services.AddSingleton<RegistrationStore>();
            services.AddSingleton<PersonTurns>();
            services.AddSingleton<ContactErasure>();
            services.AddSingleton<OptOutLift>();
            services.AddSingleton<RegistrationQueue>();
            services.AddSingleton<KnownLists>();
            services.AddSingleton<ListCopies>();
            foreach (var status in ListKind.Statuses)
            {
                services.AddSingleton<CopyKind<CampaignsDbContext>>(provider =>
                    new ListKind(status, ActivatorUtilities.CreateInstance<ListSource>(provider, status)));
            }

            services.AddSingleton<RegistrationPush>();
            services.AddSingleton<PushRecorder>();
            services.AddWorkQueue(RegistrationQueue.Table, RegistrationQueue.Lease);
            services.AddHostedService<PushWorker>();
            services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
            services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
            services.AddWorkQueue(RetentionWorker.Queue);
            services.AddHostedService<RetentionWorker>();
            services.AddHostedService<ConnectionWatch>();
        }
    }

    extension(WebApplication app)
    {
        public void MapCampaignsService()
        {
            app.MapGrpcService<RegistrationsGrpc>();
            app.MapGrpcService<ContactsGrpc>();
            app.MapGrpcService<SettingsGrpc>();
            app.MapGrpcService<SyncsGrpc>();
            app.MapGrpcService<ResultsGrpc>();
            app.MapAudit();
            app.MapErasure();
            app.MapSealing();
        }
    }
}
