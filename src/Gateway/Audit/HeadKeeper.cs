using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>
/// Fetches where the services' chains end, so that an end that is cut off later is noticed. Whichever replicas do it, what is kept only goes
/// forward.
/// </summary>
internal sealed partial class HeadKeeper(
    IEnumerable<AuditSource> sources, KeptHeads kept, ServiceCalls calls, TimeProvider clock, ILogger<HeadKeeper> logger) : BackgroundService
{
    /// <summary>What was written since the last look can be cut off unseen.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Looks at all services once; one that is away is looked at the next time.</summary>
    public async Task KeepAllAsync(CancellationToken cancellationToken)
    {
        foreach (var source in sources.OfType<ServiceAudit>())
        {
            try
            {
                await KeepAsync(source, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotKept(e, source.Service);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            await KeepAllAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task KeepAsync(ServiceAudit source, CancellationToken cancellationToken)
    {
        var request = new ListAuditHeadsRequest();
        do
        {
            var page = await source.Client.ListHeadsAsync(request, calls.AsItself(TenantId.None, cancellationToken));
            var signed = new List<SignedHead>();
            foreach (var head in page.Heads)
            {
                if (await kept.IsSignedAsync(source.Service, head))
                {
                    signed.Add(head);
                }
                else
                {
                    LogNotSigned(source.Service, head.TenantId);
                }
            }

            await kept.KeepAsync(source.Service, signed, cancellationToken);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where the audit of {Service} ends could not be kept; trying again")]
    private partial void LogNotKept(Exception exception, string service);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The end of the audit of {Service}, tenant {TenantId}, is not signed with a key of Tickets:Issuers:{Service}:Keys: it is not kept")]
    private partial void LogNotSigned(string service, string tenantId);
}
