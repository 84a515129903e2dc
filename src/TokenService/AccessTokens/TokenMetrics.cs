using System.Diagnostics.Metrics;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>Meter <c>ZohoPlatform.TokenService</c>.</summary>
internal sealed class TokenMetrics
{
    private readonly Counter<long> _handOuts;
    private readonly Counter<long> _refreshes;
    private readonly Counter<long> _leaseWaits;

    public TokenMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("ZohoPlatform.TokenService");
        _handOuts = meter.CreateCounter<long>(
            "tokens.hand_outs", description: "Access tokens handed out, by source: memory, redis, database, refresh.");
        _refreshes = meter.CreateCounter<long>(
            "tokens.refreshes", description: "Requests for a new token, by verdict: granted or the failure's code.");
        _leaseWaits = meter.CreateCounter<long>("tokens.lease_waits", description: "Times a replica waited for another one's refresh.");
    }

    public void HandedOut(string source) => _handOuts.Add(1, new KeyValuePair<string, object?>("source", source));

    public void Refreshed(string verdict) => _refreshes.Add(1, new KeyValuePair<string, object?>("verdict", verdict));

    public void WaitedForLease() => _leaseWaits.Add(1);
}
