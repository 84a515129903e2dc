using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

internal static class SyncsHosting
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddSyncs()
        {
            var services = builder.Services;
            services.AddOptions<SourceOptions>()
                .BindConfiguration(SourceOptions.Section)
                .Validate(
                    options => options.AreServers,
                    "Sources:Hosts must name servers as host:port, comma separated, such as db.example.com:5432.")
                .Validate(
                    options => options.ConnectSeconds is >= 1 and <= 8,
                    "Sources:ConnectSeconds must be 1 to 8: a call has 10 seconds.")
                .ValidateOnStart();
            services.AddSingleton<SourceServers>();
            services.AddSingleton<TableRows>();
            services.AddSingleton<UploadStore>();
            services.AddSingleton<SyncStore>();
            services.AddSingleton<SyncLedger>();
            services.AddSingleton<SyncTransitions>();
            services.AddDatabaseSignal(SyncFeed.Channel);
            services.AddSingleton<SyncFeed>();
            services.AddSingleton<SyncPace>();
            services.AddSingleton<Preparation>();
            services.AddSingleton<PushLedger>();
            services.AddSingleton<PushCalls>();
            services.AddSingleton<Push>();
            services.AddSingleton<SyncRunner>();
            services.AddWorkQueue(SyncQueue.Table, SyncQueue.Lease);
            services.AddHostedService<SyncWorker>();
            services.AddWorkQueue(UploadStore.Queue);
            services.AddHostedService<UploadWorker>();
            services.AddSingleton<SyncExpiry>();
            services.AddWorkQueue(SyncExpiry.Queue);
            services.AddHostedService<SyncExpiryWorker>();
        }
    }
}
