using System.Diagnostics.Metrics;
using ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Telemetry;

/// <summary>What the service counts about itself. No tag holds a tenant or anything of a contact.</summary>
internal sealed class CampaignsMetrics
{
    private readonly Counter<long> _outcomes;
    private readonly Histogram<double> _pushDuration;
    private readonly Counter<long> _synced;
    private long _queueDepth;

    public CampaignsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("ZohoPlatform.CampaignsService");
        _outcomes = meter.CreateCounter<long>(
            "zohoplatform.campaigns.registrations", "{registration}", "Registrations by what became of a look at them");
        _pushDuration = meter.CreateHistogram<double>(
            "zohoplatform.campaigns.push.duration", "s", "From the claim of a registration to its recorded outcome");
        _synced = meter.CreateCounter<long>(
            "zohoplatform.campaigns.sync.contacts", "{contact}", "Contacts that syncs pushed, by what became of them");
        meter.CreateObservableGauge(
            "zohoplatform.campaigns.queue.depth",
            () => Interlocked.Read(ref _queueDepth),
            "{registration}",
            "Registrations without a final outcome, as last counted; counted up to 100,000");
    }

    public void Recorded(RegistrationStatus status, TimeSpan took)
    {
        var outcome = new KeyValuePair<string, object?>("outcome", status.ToString());
        _outcomes.Add(1, outcome);
        _pushDuration.Record(took.TotalSeconds, outcome);
    }

    public void Synced(IEnumerable<SyncContactOutcome> outcomes)
    {
        foreach (var outcome in outcomes.CountBy(one => one))
        {
            _synced.Add(outcome.Value, new KeyValuePair<string, object?>("outcome", outcome.Key.ToString()));
        }
    }

    public void QueueHolds(long registrations) => Interlocked.Exchange(ref _queueDepth, registrations);
}
