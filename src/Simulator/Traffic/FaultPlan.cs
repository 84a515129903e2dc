using System.IO.Enumeration;

namespace ZohoPlatform.Simulator.Traffic;

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    /// <summary>Answers with the given status and body; nothing is done.</summary>
    Status,

    /// <summary>Answers the throttle of the token endpoint.</summary>
    Throttle,

    /// <summary>Answers 502 with a page for people.</summary>
    Html502,

    /// <summary>Answers 500 with a page for people.</summary>
    Html500,

    /// <summary>Answers 200 with nothing.</summary>
    Empty,

    /// <summary>Answers 200 with JSON that breaks off.</summary>
    MalformedJson,

    /// <summary>Cuts the connection before anything is done.</summary>
    Reset,

    /// <summary>Does the work and cuts the connection before answering.</summary>
    AnswerLost,

    /// <summary>Holds the call until the fault is released, then goes on.</summary>
    Hang,

    /// <summary>Holds the call for some milliseconds, then goes on.</summary>
    Latency,
}

/// <summary>One fault: which calls it meets, how often, and what it does to them.</summary>
internal sealed class Fault(int id, FaultKind kind, string host, string path, string? method, int? times)
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public int Id { get; } = id;

    public FaultKind Kind { get; } = kind;

    /// <summary>Pattern with <c>*</c> and <c>?</c>.</summary>
    public string Host { get; } = host;

    /// <summary>Pattern with <c>*</c> and <c>?</c>.</summary>
    public string Path { get; } = path;

    public string? Method { get; } = method;

    /// <summary>How many calls it meets; null for all of them.</summary>
    public int? Times { get; } = times;

    public int Hits { get; set; }

    /// <summary>Calls it holds at the moment.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public int StatusCode { get; init; } = StatusCodes.Status500InternalServerError;

    public string Body { get; init; } = "";

    public string ContentType { get; init; } = "text/html;charset=UTF-8";

    public TimeSpan Delay { get; init; }

    public void Release() => _released.TrySetResult();

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _released.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public bool Meets(string host, string path, string method) =>
        (Times is not { } limit || Hits < limit)
        && (Method is null || Method.Equals(method, StringComparison.OrdinalIgnoreCase))
        && FileSystemName.MatchesSimpleExpression(Host, host)
        && FileSystemName.MatchesSimpleExpression(Path, path, ignoreCase: false);
}

/// <summary>The faults in force, in the order they were made.</summary>
internal sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];
    private TaskCompletionSource _hit = NewSignal();
    private int _lastId;

    /// <summary>Adds what <paramref name="make"/> builds for the id it is given.</summary>
    public Fault Add(Func<int, Fault> make)
    {
        lock (_gate)
        {
            var fault = make(++_lastId);
            _faults.Add(fault);
            return fault;
        }
    }

    /// <summary>What this call meets: every delay and hold, and the first fault that ends it.</summary>
    public IReadOnlyList<Fault> Take(string host, string path, string method)
    {
        lock (_gate)
        {
            var taken = new List<Fault>();
            foreach (var fault in _faults.Where(fault => fault.Meets(host, path, method)))
            {
                fault.Hits++;
                taken.Add(fault);
                if (fault.Kind is not (FaultKind.Latency or FaultKind.Hang))
                {
                    break;
                }
            }

            if (taken.Count > 0)
            {
                _hit.SetResult();
                _hit = NewSignal();
            }

            return taken;
        }
    }

    public Fault? Find(int id)
    {
        lock (_gate)
        {
            return _faults.Find(fault => fault.Id == id);
        }
    }

    public IReadOnlyList<Fault> All()
    {
        lock (_gate)
        {
            return [.. _faults];
        }
    }

    /// <summary>Waits until the fault has met that many calls. False when the time is up first.</summary>
    public async Task<bool> WaitForHitsAsync(Fault fault, int hits, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (fault.Hits >= hits)
                {
                    return true;
                }

                next = _hit.Task;
            }

            try
            {
                await next.WaitAsync(bounded.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>Ends one fault, letting go what it holds.</summary>
    public bool Remove(int id)
    {
        lock (_gate)
        {
            var fault = _faults.Find(fault => fault.Id == id);
            fault?.Release();
            return fault is not null && _faults.Remove(fault);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _faults.ForEach(fault => fault.Release());
            _faults.Clear();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
