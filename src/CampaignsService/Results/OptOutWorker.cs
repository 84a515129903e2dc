using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>Tells Zoho of opt-outs that it could not be told of when they were said (<see cref="OptOutTelling"/>).</summary>
internal sealed partial class OptOutWorker(
    [FromKeyedServices(OptOuts.Queue)] WorkQueue queue, OptOutTelling telling, TimeProvider clock, ILogger<OptOutWorker> logger)
    : BackgroundService
{
    private const int AtOnce = 8;
    private const int AtOnceOfATenant = 2;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = AtOnceOfATenant,
        Run = TellAsync,
        RetryAfter = item => Backoff.After(item.Attempts, atLeast: null),
    }.RunAsync(stoppingToken);

    private async Task TellAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        var told = await telling.TellAsync(item, isHeard: false, either.Token);
        LogTold(item.Tenant.Value, item.Id, told.AtZoho, told.Reason?.Code ?? "done");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Tenant {TenantId}, opt-out {OptOutId}: {AtZoho} ({Code})")]
    private partial void LogTold(Guid tenantId, Guid optOutId, Contracts.Campaigns.V1.OptOutTold atZoho, string code);
}
