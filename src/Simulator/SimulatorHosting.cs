using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Crm;
using ZohoPlatform.Simulator.Crm.Control;
using ZohoPlatform.Simulator.Crm.Notifications;
using ZohoPlatform.Simulator.Finance;
using ZohoPlatform.Simulator.Finance.Control;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.HubSpot;
using ZohoPlatform.Simulator.Pages;
using ZohoPlatform.Simulator.Traffic;
using ZohoPlatform.Simulator.WhatsApp;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator;

internal static class SimulatorHosting
{
    extension(WebApplicationBuilder builder)
    {
        public void AddSimulator()
        {
            var services = builder.Services;

            services.AddSingleton<IValidateOptions<SimulatorOptions>, SimulatorOptionsValidator>();
            services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.Section).ValidateOnStart();

            services.AddSingleton<SimulatorClock>();
            services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<SimulatorClock>());
            services.AddSingleton<SettingsStore>();
            services.AddSingleton<StateChanges>();
            services.AddSingleton<Directory>();
            services.AddSingleton<TokenLedger>();
            services.AddSingleton<CampaignsAccounts>();
            services.AddSingleton<HubSpotDemo>();
            services.AddSingleton<HubSpotLedger>();
            services.AddSingleton<MethodQuotas>();
            services.AddSingleton<DemoCrm>();
            services.AddSingleton<CrmOrganisations>();
            services.AddSingleton<CrmLimits>();
            services.AddSingleton<CrmServices>();
            services.AddSingleton<DemoFinance>();
            services.AddSingleton<FinanceOrganisations>();
            services.AddSingleton<FinanceServices>();
            services.AddSingleton<NotificationSender>();
            services.AddHostedService(provider => provider.GetRequiredService<NotificationSender>());
            services.AddSingleton<WhatsAppSender>();
            services.AddSingleton<Outage>();
            services.AddSingleton<FaultPlan>();
            services.AddSingleton<CallLedger>();
            services.AddSingleton<DemoWorld>();
            services.AddHostedService<StateFile>();

            services.AddRouting(routing =>
            {
                routing.ConstraintMap.Add("zoho", typeof(ZohoHostConstraint));
                routing.ConstraintMap.Add("hubspot", typeof(HubSpotHostConstraint));
            });
            services.ConfigureHttpJsonOptions(json =>
            {
                var format = json.SerializerOptions;
                format.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                format.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
                format.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
            });
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        }
    }

    extension(WebApplication app)
    {
        public void MapSimulator()
        {
            app.UseMiddleware<TrafficMiddleware>();

            app.MapStatePage();

            var controls = app.MapGroup("/_simulator").AddEndpointFilter<BodyFilter>();
            controls.MapWorld();
            controls.MapSentCampaigns();
            controls.MapClock();
            controls.MapFaults();
            controls.MapTraffic();
            controls.MapState();
            controls.MapHubSpot();
            controls.MapCrmOrganisations();
            controls.MapCrmRecords();
            controls.MapFinanceControls();
            controls.MapWhatsApp();

            var accounts = app.MapGroup("/{host:zoho(Accounts)}");
            accounts.MapConsent();
            accounts.MapTokens();
            accounts.MapProfile();

            app.MapGroup("/{host:zoho(Campaigns)}").MapCampaigns();
            app.MapGroup("/{host:zoho(Api)}").MapCrm();
            app.MapGroup("/{host:zoho(Api)}").MapFinance();
            app.MapGroup("/{host:hubspot(App)}").MapHubSpotConsent();
            app.MapGroup("/{host:hubspot(Api)}").MapHubSpotTokens();
            app.MapOtherHosts();
        }
    }
}
