namespace ZohoPlatform.Simulator.Crm;

/// <summary>What an organisation's plan allows.</summary>
/// <param name="Credits">In any 24 hours.</param>
/// <param name="Concurrency">Calls of one app at a time.</param>
/// <param name="SubConcurrency">Heavy calls of one app at a time: COQL, search, sorted lists, writes of more than ten records,
/// conversion.</param>
internal sealed record CrmPlan(int Credits, int Concurrency, int SubConcurrency)
{
    // Zoho CRM "API Limits": Enterprise with one user; the concurrency of the smallest edition
    public static readonly CrmPlan Usual = new(51_000, 5, 10);
}

/// <summary>Where an organisation stands.</summary>
internal sealed record CrmUse(
    long OrganisationId, CrmPlan Plan, int CreditsUsed, int CreditsLeft, int CallsAtATime, int MostCallsAtATime, long RefusedForCredits,
    long RefusedForConcurrency);

/// <summary>Why a call is not taken.</summary>
internal enum LimitHit
{
    Credits,
    Concurrency,
    SubConcurrency,
}

/// <summary>
/// Credits of each organisation in any 24 hours, each of which is free again exactly that long after it was spent, and the calls under way
/// of each app. Zoho CRM, "API Limits".
/// </summary>
internal sealed class CrmLimits(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Account> _accounts = [];

    /// <summary>Takes a call in. Null when it may go on; then <see cref="Leave"/> must follow.</summary>
    public LimitHit? Enter(long organisation, string client, int credits, bool heavy)
    {
        lock (_gate)
        {
            var account = Of(organisation);
            var (all, sub) = account.UnderWay.GetValueOrDefault(client);
            if (all >= account.Plan.Concurrency || (heavy && sub >= account.Plan.SubConcurrency))
            {
                account.RefusedForConcurrency++;
                return all >= account.Plan.Concurrency ? LimitHit.Concurrency : LimitHit.SubConcurrency;
            }

            account.Free(clock.GetUtcNow() - Window);
            if (account.Used + credits > account.Plan.Credits)
            {
                account.RefusedForCredits++;
                return LimitHit.Credits;
            }

            account.Spend(clock.GetUtcNow(), credits);
            account.UnderWay[client] = (all + 1, sub + (heavy ? 1 : 0));
            account.Most = Math.Max(account.Most, all + 1);
            return null;
        }
    }

    /// <summary>Ends a call. Returns the credits left when half of them are used: only then a header tells them.</summary>
    public int? Leave(long organisation, string client, int extraCredits, bool heavy)
    {
        lock (_gate)
        {
            var account = Of(organisation);
            var (all, sub) = account.UnderWay.GetValueOrDefault(client);
            account.UnderWay[client] = (Math.Max(0, all - 1), Math.Max(0, sub - (heavy ? 1 : 0)));
            account.Spend(clock.GetUtcNow(), extraCredits);
            return account.Used * 2 >= account.Plan.Credits ? Math.Max(0, account.Plan.Credits - account.Used) : null;
        }
    }

    public void Change(long organisation, CrmPlan plan)
    {
        lock (_gate)
        {
            Of(organisation).Plan = plan;
        }
    }

    public CrmUse Use(long organisation)
    {
        lock (_gate)
        {
            var account = Of(organisation);
            account.Free(clock.GetUtcNow() - Window);
            return new(
                organisation, account.Plan, account.Used, Math.Max(0, account.Plan.Credits - account.Used),
                account.UnderWay.Values.Sum(calls => calls.All), account.Most, account.RefusedForCredits, account.RefusedForConcurrency);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _accounts.Clear();
        }
    }

    private Account Of(long organisation)
    {
        if (!_accounts.TryGetValue(organisation, out var account))
        {
            _accounts[organisation] = account = new();
        }

        return account;
    }

    private sealed class Account
    {
        private readonly Queue<(DateTimeOffset At, int Credits)> _spent = new();

        public CrmPlan Plan { get; set; } = CrmPlan.Usual;

        public int Used { get; private set; }

        public int Most { get; set; }

        public long RefusedForCredits { get; set; }

        public long RefusedForConcurrency { get; set; }

        public Dictionary<string, (int All, int Sub)> UnderWay { get; } = new(StringComparer.Ordinal);

        public void Spend(DateTimeOffset at, int credits)
        {
            if (credits > 0)
            {
                _spent.Enqueue((at, credits));
                Used += credits;
            }
        }

        public void Free(DateTimeOffset before)
        {
            while (_spent.TryPeek(out var oldest) && oldest.At <= before)
            {
                Used -= _spent.Dequeue().Credits;
            }
        }
    }
}
