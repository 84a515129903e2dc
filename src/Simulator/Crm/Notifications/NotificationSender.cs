using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ZohoPlatform.Simulator.Accounts;

namespace ZohoPlatform.Simulator.Crm.Notifications;

/// <summary>How many callbacks there were.</summary>
internal sealed record SentNotifications(long Sent, long Refused, long Lost);

/// <summary>
/// Calls back: each once and in order, and never again when it is refused, since Zoho publishes nothing of repeats. Only this machine is
/// called. Also lets what is due in each organisation be done when nobody calls.
/// </summary>
internal sealed partial class NotificationSender(
    CrmOrganisations organisations, SettingsStore settings, TimeProvider clock, ILogger<NotificationSender> logger) : BackgroundService
{
    private const int MostIds = 100;
    private const int MostQueued = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly Channel<Callback> _queue = Channel.CreateBounded<Callback>(
        new BoundedChannelOptions(MostQueued) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };
    private long _sent;
    private long _refused;
    private long _lost;
    private long _made;

    public SentNotifications Counts => new(Interlocked.Read(ref _sent), Interlocked.Read(ref _refused), Interlocked.Read(ref _lost));

    /// <summary>Queues what the changes mean to each channel, and the bulk reads that have ended. The caller holds the gate.</summary>
    public void Send(
        CrmOrganisation organisation, IReadOnlyList<RecordChange> changes, string apiHost, DateTimeOffset now, CrmSettings settings)
    {
        foreach (var (url, body) in organisation.BulkJobs.TakeCallbacks())
        {
            Queue(url, body, settings);
        }

        if (changes.Count == 0)
        {
            return;
        }

        foreach (var channel in organisation.Channels.Live(now))
        {
            foreach (var told in NotificationBody.Told(organisation, channel, changes)
                .GroupBy(change => (change.Module, change.Kind))
                .SelectMany(group => group.Chunk(MostIds)))
            {
                Queue(channel.NotifyUrl, NotificationBody.Write(organisation, channel, apiHost, told, now, settings), settings);
            }
        }
    }

    /// <summary>Forgets what waits and what was counted.</summary>
    public void Reset()
    {
        while (_queue.Reader.TryRead(out _))
        {
        }

        Interlocked.Exchange(ref _sent, 0);
        Interlocked.Exchange(ref _refused, 0);
        Interlocked.Exchange(ref _lost, 0);
        Interlocked.Exchange(ref _made, 0);
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(CallAsync(stoppingToken), BeatAsync(stoppingToken));

    private void Queue(string url, JsonObject body, CrmSettings settings)
    {
        if (settings.NotificationsLostEvery > 0 && Interlocked.Increment(ref _made) % settings.NotificationsLostEvery == 0)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        var callback = new Callback(url, body.ToJsonString(),
            TimeProvider.System.GetUtcNow().AddSeconds(settings.NotificationsLateSeconds));
        for (var i = 0; i < (settings.NotificationsDoubled ? 2 : 1); i++)
        {
            _queue.Writer.TryWrite(callback);
        }
    }

    private async Task CallAsync(CancellationToken stoppingToken)
    {
        await foreach (var callback in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            var wait = callback.Due - TimeProvider.System.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System, stoppingToken);
            }

            if (await CallAsync(callback, stoppingToken))
            {
                Interlocked.Increment(ref _sent);
            }
            else
            {
                Interlocked.Increment(ref _refused);
            }
        }
    }

    private async Task<bool> CallAsync(Callback callback, CancellationToken stoppingToken)
    {
        if (!new Uri(callback.Url).IsLoopback)
        {
            return false;
        }

        try
        {
            using var content = new StringContent(callback.Body, Encoding.UTF8, "application/json");
            using var response = await _http.PostAsync(callback.Url, content, stoppingToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
        {
            LogNotTold(e, TokenLedger.Fingerprint(callback.Url));
            return false;
        }
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (organisation, apiHost) in organisations.WithDue())
            {
                lock (organisation.Gate)
                {
                    var now = CrmTime.Whole(clock.GetUtcNow());
                    organisation.Catch(now);
                    Send(organisation, organisation.TakeChanges(), apiHost, now, settings.Current.Crm);
                }
            }
        }
    }

    private sealed record Callback(string Url, string Body, DateTimeOffset Due);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A callback to the address {Fingerprint} has failed")]
    private partial void LogNotTold(Exception exception, string fingerprint);
}
