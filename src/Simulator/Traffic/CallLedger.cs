namespace ZohoPlatform.Simulator.Traffic;

/// <summary>Calls of one kind that ended one way.</summary>
internal sealed record CallCount(string Host, string? DataCentre, string Method, string Operation, string Outcome, long Count);

/// <summary>One call as it was: enough to see what an app did, nothing that it sent.</summary>
internal sealed record CallSeen(DateTimeOffset At, string Host, string Method, string Operation, string Outcome, double Milliseconds);

/// <summary>Counts calls by host, method, operation and outcome, and remembers the last hundred.</summary>
internal sealed class CallLedger
{
    private const int Remembered = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Host, string? DataCentre, string Method, string Operation, string Outcome), long> _counts = [];
    private readonly Queue<CallSeen> _recent = new();

    public void Record(ProviderCall call, string httpMethod, string outcome, DateTimeOffset at, TimeSpan took)
    {
        // a path nobody knows is the caller's text: all of them share one row
        var operation = call.Operation ?? "(unknown)";
        lock (_gate)
        {
            var key = (call.IsKnownHost ? call.Host : "(unknown)", call.KnownDataCentre?.Code, httpMethod, operation, outcome);
            _counts[key] = _counts.GetValueOrDefault(key) + 1;
            _recent.Enqueue(new(at, call.Host, httpMethod, operation, outcome, Math.Round(took.TotalMilliseconds, 1)));
            if (_recent.Count > Remembered)
            {
                _recent.Dequeue();
            }
        }
    }

    public IReadOnlyList<CallCount> Counts()
    {
        lock (_gate)
        {
            return [.. _counts
                .Select(row => new CallCount(
                    row.Key.Host, row.Key.DataCentre, row.Key.Method, row.Key.Operation, row.Key.Outcome, row.Value))
                .OrderBy(row => row.Host, StringComparer.Ordinal)
                .ThenBy(row => row.Operation, StringComparer.Ordinal)
                .ThenBy(row => row.Outcome, StringComparer.Ordinal)];
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<CallSeen> Recent()
    {
        lock (_gate)
        {
            return [.. _recent.Reverse()];
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _counts.Clear();
            _recent.Clear();
        }
    }
}
