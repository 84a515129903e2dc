using Microsoft.Extensions.Options;
using Npgsql;
using Quartz;
using ZohoPlatform.CampaignsService.Syncs.Jobs;
using ZohoPlatform.CampaignsService.Syncs.Sources;

namespace ZohoPlatform.CampaignsService.Syncs;

internal static class SyncsHosting
{
    // how long a dead replica's syncs stand still: until its check-in is missed by that much
    private static readonly TimeSpan CheckInEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CheckInMissedAfter = TimeSpan.FromSeconds(3);

    // a sync does little but wait for answers
    private const int SyncsAtOnce = 20;

    extension(IHostApplicationBuilder builder)
    {
        public void AddSyncs()
        {
            var services = builder.Services;
            services.AddSingleton<IValidateOptions<SourceOptions>, SourceOptionsValidator>();
            services.AddOptions<SourceOptions>().BindConfiguration(SourceOptions.Section).ValidateOnStart();
            services.AddSingleton<SourceSecrets>();
            services.AddSingleton<TableRows>();
            services.AddSingleton<UploadStore>();
            services.AddSingleton<SyncStore>();
            services.AddSingleton<SyncLedger>();
            services.AddSingleton<SyncWork>();
            services.AddSingleton<SyncSchedule>();
            services.AddSingleton<SyncPace>();
            services.AddTransient<Preparation>();
            services.AddTransient<Push>();
            services.AddTransient<SyncRunner>();

            builder.AddQuartz(quartz =>
            {
                quartz.ConfigureScheduler(scheduler =>
                {
                    scheduler.InstanceName = "campaigns";
                    scheduler.IdleWaitTime = CheckInMissedAfter;
                    scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
                });
                quartz.UseDefaultThreadPool(SyncsAtOnce);
                quartz.UsePersistentStore(store =>
                {
                    store.UsePostgres(source => source.DataSourceFactory = provider => provider.GetRequiredService<NpgsqlDataSource>());
                    store.UseSystemTextJsonSerializer(_ => { });
                    store.UseClustering(cluster =>
                    {
                        cluster.CheckinInterval = CheckInEvery;
                        cluster.CheckinMisfireThreshold = CheckInMissedAfter;
                    });
                    store.ConfigureStore(options => options.RecoverFiringsCancelledByShutdown = true);
                });
                quartz.ScheduleJob<SweepJob>(trigger => trigger.WithIdentity("sweep").WithSimpleSchedule(SweepJob.Every));
            });
            builder.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        }
    }
}
