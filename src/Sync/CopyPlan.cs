using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>Which run a copy begins when, and which step follows which.</summary>
internal static class CopyPlan
{
    /// <summary>The run that is due, or until when none is.</summary>
    public static (CopyRunKind Run, DateTimeOffset DueAt) Next<TContext>(CopyRow copy, CopyKind<TContext> kind, DateTimeOffset now)
        where TContext : TenantDbContext
    {
        if (copy.ChangesUntil is null)
        {
            return (CopyRunKind.Full, now);
        }

        // a source that takes no filter has to give everything, and so has one that knows no times
        var comparing = copy.IgnoresFilter || !kind.Source.TellsTimes ? CopyRunKind.Full : CopyRunKind.Check;
        if (copy.Wanted is not CopyRunKind.None)
        {
            return (copy.IgnoresFilter || copy.Wanted is CopyRunKind.Check ? comparing : copy.Wanted, now);
        }

        var compareAt = (copy.ComparedAt ?? now) + kind.CheckEvery;
        if (compareAt <= now)
        {
            return (comparing, now);
        }

        var rest = kind.RestPerCall * copy.RunCalls;
        var pollAt = copy.IgnoresFilter ? compareAt : (copy.LastRunEndedAt ?? now) + (rest > kind.PollEvery ? rest : kind.PollEvery);
        return pollAt <= now ? (CopyRunKind.Changes, now) : (CopyRunKind.None, pollAt < compareAt ? pollAt : compareAt);
    }

    /// <summary>Whether the run that is under way will see what is so now, as one of <paramref name="asked"/> would that begins now.</summary>
    public static bool Covers<TContext>(CopyRow copy, CopyKind<TContext> kind, CopyRunKind asked)
        where TContext : TenantDbContext => copy.RunId is not null && (asked is CopyRunKind.Changes
            // changes come behind everything, by their time; whoever reads a page at this moment reads it again
            ? kind.Source.TellsTimes && copy is { IgnoresFilter: false, Step: not CopyStep.Deletions }
            : copy.RunKind >= asked && copy is { Step: CopyStep.Records or CopyStep.Keys, Position: "" });

    public static void Begin<TContext>(CopyRow copy, CopyKind<TContext> kind, CopyRunKind run, DateTimeOffset now)
        where TContext : TenantDbContext
    {
        // what is asked for from here on is not this run's, but for what it has yet to read
        copy.Wanted = copy.Wanted > run ? copy.Wanted : CopyRunKind.None;
        copy.RunId = Guid.CreateVersion7(now);
        copy.RunKind = run;
        copy.RunStartedAt = now;
        (copy.RunRead, copy.RunWritten, copy.RunDeleted, copy.RunCalls, copy.RunRestarts) = (0, 0, 0, 0, 0);
        (copy.RunExpected, copy.RunSourceTime) = (null, null);
        (copy.Vanishing, copy.DeletionsAllowed) = (0, false);
        if (run is CopyRunKind.Changes)
        {
            BeginChanges(copy, kind);
            return;
        }

        copy.Generation++;
        (copy.IsSecondReading, copy.ReadsAgain) = (copy.ReadsAgain, false);
        EnterStep(copy, run is CopyRunKind.Full ? CopyStep.Records : CopyStep.Keys, from: null);
    }

    /// <summary>What comes behind the last page of a step. False: nothing, the run has ended.</summary>
    public static bool GoOn<TContext>(CopyRow copy, CopyKind<TContext> kind, DateTimeOffset now)
        where TContext : TenantDbContext
    {
        switch (copy.Step)
        {
            case CopyStep.Records or CopyStep.Keys:
                EnterStep(copy, CopyStep.Vanished, from: null);
                return true;
            case CopyStep.Vanished:
                (copy.ComparedAt, copy.DeletedUnasked) = (now, 0);
                if (!kind.Source.TellsTimes)
                {
                    (copy.ChangesUntil, copy.ReadFrom) = (copy.RunStartedAt, copy.RunStartedAt);
                    (copy.Counted, copy.ReadGeneration) = (copy.RunExpected, copy.Generation);
                    return false;
                }

                // what was changed while everything was read is not sure to have been seen
                copy.ChangesUntil = copy.RunSourceTime;
                copy.DeletionsUntil ??= copy.RunSourceTime;
                if (copy.IgnoresFilter)
                {
                    return false;
                }

                BeginChanges(copy, kind);
                return true;
            case CopyStep.Changes:
                // by what the source called its present, not by its newest record: one from the future would hide all that come, and a million of one
                // second would be read again and again
                copy.ChangesUntil = copy.StepSourceTime > copy.ChangesUntil ? copy.StepSourceTime : copy.ChangesUntil;
                if (!kind.Source.TellsDeletions
                    || (copy.RunKind is CopyRunKind.Changes && copy.DeletionsReadAt + kind.DeletionsEvery > now))
                {
                    return false;
                }

                EnterStep(copy, CopyStep.Deletions, copy.DeletionsUntil - kind.Overlap);
                return true;
            case CopyStep.Deletions:
                (copy.DeletionsUntil, copy.DeletionsReadAt) = (copy.StepSourceTime, now);
                return false;
            default:
                throw new InvalidOperationException($"A copy in step {copy.Step} has no page.");
        }
    }

    /// <summary>The same step from its beginning.</summary>
    public static void Restart(CopyRow copy)
    {
        copy.Position = "";
        copy.RunRestarts++;
    }

    /// <summary>Behind a run: the next is due when <see cref="Next"/> says so.</summary>
    public static CopyRunRow End<TContext>(CopyRow copy, CopyKind<TContext> kind, DateTimeOffset now)
        where TContext : TenantDbContext
    {
        var run = new CopyRunRow
        {
            TenantId = copy.TenantId,
            CopyId = copy.Id,
            Id = copy.RunId!.Value,
            Kind = copy.RunKind,
            StartedAt = copy.RunStartedAt!.Value,
            EndedAt = now,
            Read = copy.RunRead,
            Written = copy.RunWritten,
            Deleted = copy.RunDeleted,
            Calls = copy.RunCalls,
            Rows = copy.Rows,
        };
        copy.LastRunEndedAt = now;
        var follows = copy.ReadsAgain ? CopyRunKind.Full
            // a record that slid over a border of two pages was never given, and is no change either
            : copy.RunKind is CopyRunKind.Full && kind.Source is { PagesAreStable: false, TellsTimes: true } && !copy.IgnoresFilter ? CopyRunKind.Check
            : CopyRunKind.None;
        copy.Wanted = copy.Wanted > follows ? copy.Wanted : follows;
        Abandon(copy);
        return run;
    }

    /// <summary>Has it begin a run anew.</summary>
    public static void Abandon(CopyRow copy) =>
        (copy.RunId, copy.RunKind, copy.Step, copy.Position) = (null, CopyRunKind.None, CopyStep.Begin, "");

    /// <summary>The same, where what it was for is still to be done.</summary>
    public static void GiveUp(CopyRow copy)
    {
        copy.Wanted = copy.RunKind > copy.Wanted ? copy.RunKind : copy.Wanted;
        Abandon(copy);
    }

    private static void BeginChanges<TContext>(CopyRow copy, CopyKind<TContext> kind)
        where TContext : TenantDbContext => EnterStep(copy, CopyStep.Changes, copy.ChangesUntil - kind.Overlap);

    private static void EnterStep(CopyRow copy, CopyStep step, DateTimeOffset? from) =>
        (copy.Step, copy.Position, copy.StepFrom, copy.StepSourceTime) = (step, "", from, null);
}
