namespace ZohoPlatform.Simulator.Finance.Limits;

/// <summary>What an organisation's plan allows.</summary>
internal sealed record FinancePlan(string Name, int CallsPerDay, int CallsPerMinute, int Concurrency)
{
    private const int PerMinute = 100;

    // Zoho Books "API limits": calls of a day by plan, 100 in a minute, 5 at a time without pay and 10 with
    public static readonly IReadOnlyList<FinancePlan> All =
    [
        new("Free", 1000, PerMinute, 5),
        new("Standard", 2000, PerMinute, 10),
        new("Professional", 5000, PerMinute, 10),
        new("Premium", 10_000, PerMinute, 10),
        new("Elite", 10_000, PerMinute, 10),
        new("Ultimate", 10_000, PerMinute, 10),
    ];

    public static FinancePlan? Find(string name) =>
        All.FirstOrDefault(plan => string.Equals(plan.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Why a call is not taken.</summary>
internal enum FinanceLimit
{
    Minute,
    Concurrency,
    Day,
}

/// <summary>Where an organisation stands; the reset is midnight in its zone.</summary>
internal sealed record FinanceUse(
    FinancePlan Plan, int CallsToday, int CallsLeft, int ResetSeconds, int CallsAtATime, int MostCallsAtATime, DateTimeOffset? BlockedUntil,
    long RefusedForDay, long RefusedForMinute, long RefusedForConcurrency);

/// <summary>
/// An organisation's calls of the day, of any minute and at a time, whatever the product and the app. Too many in a minute close the
/// organisation for an hour.
/// </summary>
internal sealed class FinanceLimits(FinancePlan plan)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Block = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _lastMinute = new();
    private FinancePlan _plan = plan;
    private DateOnly _day;
    private int _today;
    private int _underWay;
    private int _most;
    private DateTimeOffset? _blockedUntil;
    private long _refusedForDay;
    private long _refusedForMinute;
    private long _refusedForConcurrency;

    /// <summary>A change also ends a block.</summary>
    public FinancePlan Plan
    {
        get
        {
            lock (_gate)
            {
                return _plan;
            }
        }

        set
        {
            lock (_gate)
            {
                (_plan, _blockedUntil) = (value, null);
                _lastMinute.Clear();
            }
        }
    }

    /// <summary>Takes a call in. Null when it may go on; then <see cref="Leave"/> must follow.</summary>
    public FinanceLimit? Enter(DateTimeOffset now, TimeZoneInfo zone)
    {
        lock (_gate)
        {
            Turn(now, zone);
            while (_lastMinute.TryPeek(out var oldest) && oldest <= now - Minute)
            {
                _lastMinute.Dequeue();
            }

            if (now < _blockedUntil || _lastMinute.Count >= _plan.CallsPerMinute)
            {
                if (!(now < _blockedUntil))
                {
                    _blockedUntil = now + Block;
                }

                _refusedForMinute++;
                return FinanceLimit.Minute;
            }

            if (_underWay >= _plan.Concurrency)
            {
                _refusedForConcurrency++;
                return FinanceLimit.Concurrency;
            }

            _lastMinute.Enqueue(now);
            if (_today >= _plan.CallsPerDay)
            {
                _refusedForDay++;
                return FinanceLimit.Day;
            }

            _today++;
            _underWay++;
            _most = Math.Max(_most, _underWay);
            return null;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _underWay--;
        }
    }

    public FinanceUse Use(DateTimeOffset now, TimeZoneInfo zone)
    {
        lock (_gate)
        {
            Turn(now, zone);
            return new(
                _plan, _today, Math.Max(0, _plan.CallsPerDay - _today), SecondsToMidnight(now, zone), _underWay, _most,
                now < _blockedUntil ? _blockedUntil : null, _refusedForDay, _refusedForMinute, _refusedForConcurrency);
        }
    }

    private void Turn(DateTimeOffset now, TimeZoneInfo zone)
    {
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        if (day != _day)
        {
            (_day, _today) = (day, 0);
        }
    }

    private static int SecondsToMidnight(DateTimeOffset now, TimeZoneInfo zone)
    {
        var midnight = TimeZoneInfo.ConvertTime(now, zone).Date.AddDays(1);
        return (int)Math.Ceiling((new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)) - now).TotalSeconds);
    }
}
