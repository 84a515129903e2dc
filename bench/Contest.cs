namespace ZohoPlatform.Bench;

/// <summary>One way of doing the same work.</summary>
/// <param name="Name">In the figures' names.</param>
/// <param name="ReadUsageAsync">What the server's process has used; read before and after each lap.</param>
/// <param name="RunLapAsync">
/// One lap: always the same work, checked while it is done. Returns the number of operations and the time they took.
/// </param>
internal sealed record Contender(
    string Name, Func<CancellationToken, Task<Usage>> ReadUsageAsync, Func<CancellationToken, Task<Lap>> RunLapAsync);

/// <summary>Work done and the time it took.</summary>
/// <param name="Operations">How many.</param>
/// <param name="Elapsed">All of them together.</param>
/// <param name="Slow">The time that 99 of 100 operations kept within, where single ones were timed.</param>
internal sealed record Lap(int Operations, TimeSpan Elapsed, TimeSpan Slow = default);

/// <summary>Two contenders taking turns, so that what else happens on the machine meets both.</summary>
internal sealed class Contest
{
    /// <summary>Laps before the measured ones, where nobody says otherwise.</summary>
    public const int WarmUps = 3;

    /// <summary>A lap takes seconds; one that takes longer than this hangs.</summary>
    private static readonly TimeSpan LongestLap = TimeSpan.FromMinutes(2);

    private readonly (Contender Contender, List<Measurement> Rounds) _ours;
    private readonly (Contender Contender, List<Measurement> Rounds) _bare;

    private Contest(Contender ours, Contender bare)
    {
        _ours = (ours, []);
        _bare = (bare, []);
    }

    /// <summary>Warms both up, then runs the rounds; who goes first changes with each.</summary>
    public static async Task<Contest> RunAsync(int rounds, Contender ours, Contender bare, int warmUps = WarmUps)
    {
        var contest = new Contest(ours, bare);

        for (var round = -warmUps; round < rounds; round++)
        {
            foreach (var (contender, measured) in round % 2 == 0 ? [contest._ours, contest._bare] : new[] { contest._bare, contest._ours })
            {
                var measurement = await MeasureAsync(contender);

                if (round >= 0)
                {
                    measured.Add(measurement);
                }
            }
        }

        return contest;
    }

    /// <summary>Ours, the bare one's, and ours divided by the bare one's of the same round; the target is for this ratio.</summary>
    public IEnumerable<Figure> Compare(string what, string unit, Func<Measurement, double> pick, Target? target = null)
    {
        var ours = _ours.Rounds.ConvertAll(m => pick(m));
        var bare = _bare.Rounds.ConvertAll(m => pick(m));

        yield return new Figure($"{what}, {_ours.Contender.Name}", unit, ours);
        yield return new Figure($"{what}, {_bare.Contender.Name}", unit, bare);
        yield return new Figure($"{what}, ratio", "x", [.. ours.Zip(bare, (a, b) => a / b)], target);
    }

    /// <summary>Ours and the bare one's; the target is for ours.</summary>
    public IEnumerable<Figure> Show(string what, string unit, Func<Measurement, double> pick, Target? target = null)
    {
        yield return new Figure($"{what}, {_ours.Contender.Name}", unit, _ours.Rounds.ConvertAll(m => pick(m)), target);
        yield return new Figure($"{what}, {_bare.Contender.Name}", unit, _bare.Rounds.ConvertAll(m => pick(m)));
    }

    private static async Task<Measurement> MeasureAsync(Contender contender)
    {
        using var limit = new CancellationTokenSource(LongestLap);
        var (server, client) = (await contender.ReadUsageAsync(limit.Token), Usage.OfThisProcess());

        var lap = await contender.RunLapAsync(limit.Token);

        var (serverAfter, clientAfter) = (await contender.ReadUsageAsync(limit.Token), Usage.OfThisProcess());
        return new Measurement(lap, serverAfter - server, clientAfter - client);
    }
}

/// <summary>One lap with what it cost the server's process and this one.</summary>
internal sealed record Measurement(Lap Lap, Usage Server, Usage Client)
{
    public double PerSecond => Lap.Operations / Lap.Elapsed.TotalSeconds;

    /// <summary>Microseconds.</summary>
    public double Slow => Lap.Slow.TotalMicroseconds;

    /// <summary>Microseconds of one core per operation.</summary>
    public double ServerCpu => Server.Cpu.TotalMicroseconds / Lap.Operations;

    /// <summary>Bytes per operation.</summary>
    public double ServerAllocated => (double)Server.AllocatedBytes / Lap.Operations;

    /// <inheritdoc cref="ServerCpu" />
    public double ClientCpu => Client.Cpu.TotalMicroseconds / Lap.Operations;
}

/// <summary>What a process has used: CPU time of all its threads, user and system, and bytes allocated on the managed heap.</summary>
internal sealed record Usage(TimeSpan Cpu, long AllocatedBytes)
{
    public static Usage operator -(Usage after, Usage before) => new(after.Cpu - before.Cpu, after.AllocatedBytes - before.AllocatedBytes);

    public static Usage OfThisProcess() => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
}
