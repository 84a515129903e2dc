using System.Collections.Concurrent;
using Grpc.Core;

namespace Grpc.Net.Client.Balancer;

/// <summary>One address and how it has been lately.</summary>
internal sealed class Backend(Uri address)
{
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, Uri> _methods = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private TimeSpan _rest = FirstRest;
    private DateTimeOffset _restsUntil;

    public Uri Address => address;

    /// <summary>Until when it is passed over.</summary>
    public DateTimeOffset RestsUntil
    {
        get
        {
            lock (_gate)
            {
                return _restsUntil;
            }
        }
    }

    public Uri AddressOf(IMethod method) => _methods.GetOrAdd(method.FullName, static (path, address) => new Uri(address, path), address);

    /// <summary>No connection came about: passed over for a while, twice as long each time.</summary>
    public void Unreachable()
    {
        lock (_gate)
        {
            _restsUntil = TimeProvider.System.GetUtcNow() + _rest;
            _rest = _rest * 2 < LongestRest ? _rest * 2 : LongestRest;
        }
    }

    public void Reached()
    {
        lock (_gate)
        {
            (_rest, _restsUntil) = (FirstRest, default);
        }
    }
}

/// <summary>The addresses of a service as its resolver tells them, and the choice among them.</summary>
internal sealed class Backends(Resolver resolver, string scheme, bool roundRobin) : IDisposable
{
    private readonly TaskCompletionSource _resolved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Backend[] _backends = [];
    private Status _failure = new(StatusCode.Unavailable, "The service has no addresses.");
    private uint _turn;
    private bool _started;

    /// <summary>
    /// The next address to try: one that does not rest, else the one that has rested longest, for it may be back; null once all were tried.
    /// </summary>
    /// <exception cref="RpcException">There are no addresses.</exception>
    public async ValueTask<Backend?> PickAsync(IReadOnlyCollection<Backend> tried, CancellationToken cancellationToken)
    {
        Start();
        await _resolved.Task.WaitAsync(cancellationToken);

        Backend[] backends;
        Status failure;

        lock (_gate)
        {
            (backends, failure) = (_backends, _failure);
        }

        if (backends.Length == 0)
        {
            throw new RpcException(failure);
        }

        var now = TimeProvider.System.GetUtcNow();
        var turn = roundRobin && tried.Count == 0 ? Interlocked.Increment(ref _turn) : _turn;
        var first = (int)(turn % (uint)backends.Length);
        Backend? resting = null;

        for (var i = 0; i < backends.Length; i++)
        {
            var backend = backends[(first + i) % backends.Length];

            if (tried.Contains(backend))
            {
                continue;
            }

            if (backend.RestsUntil <= now)
            {
                return backend;
            }

            if (resting is null || backend.RestsUntil < resting.RestsUntil)
            {
                resting = backend;
            }
        }

        return resting;
    }

    public void Unreachable(Backend backend)
    {
        backend.Unreachable();
        resolver.Refresh();
    }

    public void Dispose() => resolver.Dispose();

    private void Start()
    {
        lock (_gate)
        {
            if (_started)
            {
                return;
            }

            _started = true;
        }

        resolver.Start(Take);
    }

    private void Take(ResolverResult result)
    {
        lock (_gate)
        {
            if (result.Addresses is { } addresses)
            {
                // an address that stays keeps what is known of it
                var known = _backends.ToDictionary(backend => backend.Address);
                _backends = [.. addresses
                    .Select(address => new Uri($"{scheme}://{address}"))
                    .Distinct()
                    .Select(address => known.GetValueOrDefault(address) ?? new Backend(address))];
            }
            else
            {
                _failure = result.Status;
            }
        }

        _resolved.TrySetResult();
    }
}
