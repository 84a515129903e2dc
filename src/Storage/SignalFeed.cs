using System.Collections.Concurrent;
using System.Threading.Channels;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// Passes the signals of a channel on to this replica's watchers: to those that watch what the signal names, and to all of them where
/// anything may have been missed. What is said is only "look", so that a watcher who is slow has one look due and no queue. A tenant has no
/// more watchers than it may, and all tenants together neither; one alone looks whenever there is something, and many take turns.
/// </summary>
public sealed class SignalFeed
{
    // of one tenant's watchers together. A look is a query: who has many waits longer for each, and others for none of them
    private const int LooksInASecond = 40;

    private readonly ConcurrentDictionary<Watcher, TenantId> _watchers = new();
    private readonly Lock _adding = new();
    private readonly int _mostOfATenant;
    private readonly int _mostInAll;

    public SignalFeed(DatabaseSignal signal, int mostOfATenant, int mostInAll)
    {
        (_mostOfATenant, _mostInAll) = (mostOfATenant, mostInAll);
        signal.OnSignal(Heard);
    }

    /// <summary>Watches what is said with this <paramref name="name"/>. Null when there are as many watchers as there may be.</summary>
    public Watcher? TryWatch(TenantId tenant, string name)
    {
        lock (_adding)
        {
            if (_watchers.Count >= _mostInAll || _watchers.Values.Count(known => known == tenant) >= _mostOfATenant)
            {
                return null;
            }

            var watcher = new Watcher(this, tenant, name);
            _watchers[watcher] = tenant;
            return watcher;
        }
    }

    private void Heard(string name)
    {
        foreach (var watcher in _watchers.Keys)
        {
            // nothing said: the line to the database was down, and anything may have changed
            if (name.Length == 0 || name == watcher.Name)
            {
                watcher.Look();
            }
        }
    }

    /// <summary>One that watches; disposing ends it.</summary>
    public sealed class Watcher : IDisposable
    {
        private readonly SignalFeed _feed;
        private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        private readonly TenantId _tenant;

        internal Watcher(SignalFeed feed, TenantId tenant, string name) => (_feed, _tenant, Name) = (feed, tenant, name);

        internal string Name { get; }

        /// <summary>Returns when there is something to look at, or after <paramref name="atMost"/>.</summary>
        public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
        {
            using var limit = new CancellationTokenSource(atMost, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await _looks.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // the time is up: that is an answer too
            }
        }

        /// <summary>
        /// Between two looks: a 40th of a second for each other watcher of the tenant on this replica. Many changes meanwhile are one look, which is due then.
        /// </summary>
        /// <param name="atLeast">However few there are.</param>
        /// <param name="clock">By which it waits.</param>
        /// <param name="cancellationToken">Ends it.</param>
        public Task PauseAsync(TimeSpan atLeast, TimeProvider clock, CancellationToken cancellationToken)
        {
            var share = TimeSpan.FromSeconds((_feed._watchers.Values.Count(tenant => tenant == _tenant) - 1.0) / LooksInASecond);
            return Task.Delay(share > atLeast ? share : atLeast, clock, cancellationToken);
        }

        public void Dispose() => _feed._watchers.TryRemove(this, out _);

        internal void Look() => _looks.Writer.TryWrite(true);
    }
}
