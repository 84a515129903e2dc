using System.Collections.Concurrent;
using System.Threading.Channels;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Health;

/// <summary>
/// Tells this replica's watchers that a connection of their tenant changed, whichever replica changed it: triggers in the database say so when
/// the change is committed. What is said is only "look", so that a watcher who is slow has one look due and no queue.
/// </summary>
internal sealed class HealthFeed
{
    /// <summary>Where the database says it; the payload is the tenant's id.</summary>
    public const string Channel = "connection_health";

    /// <summary>Streams of one tenant on one replica.</summary>
    public const int MostWatchers = 20;

    private readonly ConcurrentDictionary<Watcher, TenantId> _watchers = new();
    private readonly Lock _adding = new();

    public HealthFeed([FromKeyedServices(Channel)] DatabaseSignal signal) => signal.OnSignal(Heard);

    /// <summary>Null when the tenant has as many as it may. Disposing ends it.</summary>
    public Watcher? TryWatch(TenantId tenant)
    {
        lock (_adding)
        {
            if (_watchers.Values.Count(known => known == tenant) >= MostWatchers)
            {
                return null;
            }

            var watcher = new Watcher(this);
            _watchers[watcher] = tenant;
            return watcher;
        }
    }

    private void Heard(string tenant)
    {
        foreach (var (watcher, watched) in _watchers)
        {
            // nothing said: the line to the database was down, and anything may have changed
            if (tenant.Length == 0 || tenant == watched.ToString())
            {
                watcher.Look();
            }
        }
    }

    internal sealed class Watcher(HealthFeed feed) : IDisposable
    {
        private readonly Channel<bool> _looks = System.Threading.Channels.Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public void Look() => _looks.Writer.TryWrite(true);

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

        public void Dispose() => feed._watchers.TryRemove(this, out _);
    }
}
