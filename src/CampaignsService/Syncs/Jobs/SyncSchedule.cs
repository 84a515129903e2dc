using Quartz;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// When which sync is gone on with, in the cluster's scheduler: whichever replica is free fires it, and another one fires it again where
/// that replica died. Firing a sync once too often does no harm (<see cref="SyncWork"/>).
/// </summary>
internal sealed class SyncSchedule(ISchedulerFactory factory)
{
    public const string Group = "syncs";
    public const string TenantEntry = "tenant";

    public async Task AtAsync(TenantId tenant, Guid id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var scheduler = await factory.GetScheduler(cancellationToken);
        var job = JobBuilder.Create<SyncJob>()
            .WithIdentity(id.ToString(), Group)
            .UsingJobData(TenantEntry, tenant.ToString())
            .RequestRecovery()
            .Build();
        // a trigger of its own: the one that fired just now is still the scheduler's
        var trigger = TriggerBuilder.Create()
            .WithIdentity(Guid.NewGuid().ToString(), Group)
            .ForJob(job)
            .StartAt(at)
            .Build();
        await scheduler.ScheduleJob(job, [trigger], new ScheduleJobOptions { Replace = true }, cancellationToken);
    }
}

/// <summary>One firing of a sync: works on it until it has ended, waits or is stopped.</summary>
[DisallowConcurrentExecution]
internal sealed class SyncJob(SyncRunner runner, SyncSchedule schedule) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var id = Guid.Parse(context.JobDetail.Key.Name);
        var tenant = TenantId.Parse(context.MergedJobDataMap.GetString(SyncSchedule.TenantEntry)!, null);
        if (await runner.RunAsync(tenant, id, cancellationToken) is { } again)
        {
            await schedule.AtAsync(tenant, id, again, cancellationToken);
        }
    }
}

/// <summary>
/// Looks for what the scheduler does not know of: a sync whose replica died before it could schedule it, and uploads whose time is over.
/// </summary>
[DisallowConcurrentExecution]
internal sealed partial class SweepJob(SyncWork work, SyncSchedule schedule, Sources.UploadStore uploads, ILogger<SweepJob> logger) : IJob
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        foreach (var due in await work.OverdueAsync(cancellationToken))
        {
            if (due.IsUpload)
            {
                await uploads.ForgetAsync(due.Tenant, due.Id, cancellationToken);
            }
            else
            {
                LogFound(due.Id, due.Tenant.Value);
                await schedule.AtAsync(due.Tenant, due.Id, context.FireTimeUtc, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sync {SyncId} of tenant {TenantId} was overdue and is gone on with")]
    private partial void LogFound(Guid syncId, Guid tenantId);
}
