namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>At most so many calls in so many seconds.</summary>
internal sealed record QuotaWindow(int Calls, int Seconds);

/// <summary>A method's limits and how long it is locked when one is hit.</summary>
internal sealed record MethodQuota(IReadOnlyList<QuotaWindow> Windows, int LockSeconds);

/// <summary>Where one organisation stands with one method.</summary>
internal sealed record QuotaState(
    long OrganisationId, string Method, IReadOnlyList<QuotaUse> Windows, DateTimeOffset? LockedUntil, long QuotaHits,
    long CallsWhileLocked);

internal sealed record QuotaUse(int Calls, int Of, int Seconds);

/// <summary>
/// The call limits of Zoho Campaigns: each method of an organisation counts and locks by itself. Numbers from the page of each method
/// ("API limits"). Windows slide, so that no burst across a boundary is forgiven.
/// </summary>
internal sealed class MethodQuotas(TimeProvider clock)
{
    private static readonly MethodQuota Usual = new([new(500, 300)], 1800);
    private static readonly MethodQuota Seldom = new([new(100, 300)], 1800);

    private static readonly IReadOnlyDictionary<string, MethodQuota> Documented =
        new Dictionary<string, MethodQuota>(StringComparer.Ordinal)
        {
            ["getmailinglists"] = Usual,
            ["listsubscribe"] = new([new(500, 60), new(12_500, 3600), new(75_000, 86_400)], 1800),
            ["listunsubscribe"] = Usual,
            ["contactdonotmail"] = Usual,
            ["addlistsubscribersinbulk"] = new([new(2000, 60)], 600),
            ["addlistandcontacts"] = Usual,
            ["getlistsubscribers"] = Usual,
            ["listsubscriberscount"] = Usual,
            ["recentcampaigns"] = Usual,
            ["recentsentcampaigns"] = Usual,
            ["campaignreports"] = Usual,
            ["getlastcampaignreport"] = Usual,
            ["getcampaignrecipientsdata"] = Usual,
            ["getcampaigndetails"] = Usual,
            ["contact/allfields"] = Seldom,
            ["custom/add"] = Seldom,
        };

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Organisation, string Method), Use> _uses = [];
    private Dictionary<string, MethodQuota> _quotas = new(Documented, StringComparer.Ordinal);

    /// <summary>Counts a call. False when the method is locked, or is from now on because of this call.</summary>
    public bool TryTake(long organisationId, string method)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var quota = _quotas[method];
            if (!_uses.TryGetValue((organisationId, method), out var use))
            {
                _uses[(organisationId, method)] = use = new(quota.Windows.Count);
            }

            if (use.LockedUntil > now)
            {
                use.CallsWhileLocked++;
                return false;
            }

            for (var i = 0; i < quota.Windows.Count; i++)
            {
                if (use.CountSince(i, now.AddSeconds(-quota.Windows[i].Seconds)) >= quota.Windows[i].Calls)
                {
                    use.LockedUntil = now.AddSeconds(quota.LockSeconds);
                    use.QuotaHits++;
                    return false;
                }
            }

            use.Add(now);
            return true;
        }
    }

    public IReadOnlyDictionary<string, MethodQuota> Limits()
    {
        lock (_gate)
        {
            return new Dictionary<string, MethodQuota>(_quotas, StringComparer.Ordinal);
        }
    }

    /// <summary>Changes a method's numbers. What was counted under the old ones is forgotten.</summary>
    public bool Change(string method, MethodQuota quota)
    {
        lock (_gate)
        {
            if (!_quotas.ContainsKey(method))
            {
                return false;
            }

            _quotas[method] = quota;
            foreach (var key in _uses.Keys.Where(key => key.Method == method).ToList())
            {
                _uses.Remove(key);
            }

            return true;
        }
    }

    /// <summary>Forgets every call and lock; the numbers stay.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _uses.Clear();
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _uses.Clear();
            _quotas = new(Documented, StringComparer.Ordinal);
        }
    }

    public IReadOnlyList<QuotaState> States()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            return [.. _uses.Select(row => new QuotaState(
                row.Key.Organisation,
                row.Key.Method,
                [.. _quotas[row.Key.Method].Windows.Select((window, i) =>
                    new QuotaUse(row.Value.CountSince(i, now.AddSeconds(-window.Seconds)), window.Calls, window.Seconds))],
                row.Value.LockedUntil > now ? row.Value.LockedUntil : null,
                row.Value.QuotaHits,
                row.Value.CallsWhileLocked))];
        }
    }

    private sealed class Use(int windows)
    {
        private readonly Queue<DateTimeOffset>[] _calls = [.. Enumerable.Range(0, windows).Select(_ => new Queue<DateTimeOffset>())];

        public DateTimeOffset LockedUntil { get; set; }

        public long QuotaHits { get; set; }

        public long CallsWhileLocked { get; set; }

        public int CountSince(int window, DateTimeOffset since)
        {
            var calls = _calls[window];
            while (calls.TryPeek(out var oldest) && oldest <= since)
            {
                calls.Dequeue();
            }

            return calls.Count;
        }

        public void Add(DateTimeOffset now)
        {
            foreach (var calls in _calls)
            {
                calls.Enqueue(now);
            }
        }
    }
}
