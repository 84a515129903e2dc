using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>
/// Fetches where the services' chains end, so that an end that is cut off later is noticed: those that have moved since the last look, and of
/// all replicas one at a time. Whichever does it, what is kept only goes forward.
/// </summary>
internal sealed partial class HeadKeeper(
    IEnumerable<AuditSource> sources, KeptHeads kept, ServiceCalls calls, TimeProvider clock, ILogger<HeadKeeper> logger) : BackgroundService
{
    /// <summary>What was written since the last look can be cut off unseen.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // a timer that ticks a moment early must not cost a minute
    private static readonly TimeSpan NotWithin = 0.9 * Every;

    /// <summary>Looks at all services at which nobody has looked just now; one that is away is looked at the next time.</summary>
    public async Task KeepAllAsync(CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        var services = sources.OfType<ServiceAudit>().ToDictionary(source => source.Service, StringComparer.Ordinal);
        foreach (var (service, since) in await kept.BeginLooksAsync(services.Keys, clock.GetUtcNow(), NotWithin, cancellationToken))
        {
            var source = services[service];
            try
            {
                await KeepAsync(source, since, cancellationToken);
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
            try
            {
                await KeepAllAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotBegun(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task KeepAsync(ServiceAudit source, string since, CancellationToken cancellationToken)
    {
        var request = new ListAuditHeadsRequest { Since = since };
        string? nextSince = null;
        var (found, areAllSigned) = (false, true);
        do
        {
            var page = await source.Client.ListHeadsAsync(request, calls.AsItself(TenantId.None, cancellationToken));
            nextSince ??= page.NextSince;
            var signed = new List<SignedHead>();
            foreach (var head in page.Heads)
            {
                if (await kept.IsSignedAsync(source.Service, head))
                {
                    signed.Add(head);
                }
                else
                {
                    areAllSigned = false;
                    LogNotSigned(source.Service, head.TenantId);
                }
            }

            if (signed.Count > 0)
            {
                await kept.KeepAsync(source.Service, signed, cancellationToken);
            }

            found |= page.Heads.Count > 0;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        // one that is not kept must come again, also where its chain stands still; where nothing has moved nothing is written
        if (found && areAllSigned)
        {
            await kept.EndLookAsync(source.Service, nextSince, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where the audit of {Service} ends could not be kept; trying again")]
    private partial void LogNotKept(Exception exception, string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Where the services' audits end was not asked for; trying again")]
    private partial void LogNotBegun(Exception exception);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The end of the audit of {Service}, tenant {TenantId}, is not signed with a key of Tickets:Issuers:{Service}:Keys: it is not kept")]
    private partial void LogNotSigned(string service, string tenantId);
}
