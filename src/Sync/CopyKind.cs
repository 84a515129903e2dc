using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync;

/// <summary>A record of a copy that is another one now.</summary>
/// <param name="Id">The source's id of it.</param>
/// <param name="Record">What it is now; null where it is gone.</param>
public sealed record RecordChange(string Id, SourceRecord? Record);

/// <summary>A kind of copies: where its records come from, where they go, and how often it is looked. A service registers its own.</summary>
/// <typeparam name="TContext">Of the service's database, which holds the copies' state too.</typeparam>
public abstract class CopyKind<TContext>
    where TContext : TenantDbContext
{
    /// <summary>In rows: <c>campaigns.list</c>.</summary>
    public abstract string Name { get; }

    public abstract CopySource Source { get; }

    /// <summary>
    /// Writes what has changed, in the transaction in which the copy moves on: each record once, only where its content is another one or it is
    /// gone or back. What throws here is written and lost together with it.
    /// </summary>
    public abstract Task WriteAsync(TContext context, CopyTarget copy, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken);

    /// <summary>
    /// Told of all records of a page of everything (<see cref="CopySource.ReadAllAsync"/>), in the same transaction and behind <see cref="WriteAsync"/>, also of
    /// those that are as they were: who knew better for a moment may believe the copy again.
    /// </summary>
    /// <param name="context">Of the tenant.</param>
    /// <param name="copy">Which copy.</param>
    /// <param name="ids">What the page showed.</param>
    /// <param name="askedAt">When the source was asked for it, by the service's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public virtual Task SeenAsync(
        TContext context, CopyTarget copy, IReadOnlyList<string> ids, DateTimeOffset askedAt, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Deletes what <see cref="WriteAsync"/> has written of the copy, in the transaction in which the copy goes; asked only where the source says
    /// <see cref="SourceFailures.NotWanted"/>.
    /// </summary>
    public virtual Task ForgetAsync(TContext context, CopyTarget copy, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"Copies of the kind {Name} do not go by themselves.");

    /// <summary>Told once for each cause, in the transaction that notes it. Ends when the copy comes forward again.</summary>
    public virtual Task TellAsync(TContext context, CopyTarget copy, Failure cause, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>How often changes are looked for.</summary>
    public virtual TimeSpan PollEvery => TimeSpan.FromMinutes(1);

    /// <summary>For each request of a run, so long passes until the next at least: what is expensive is looked at more seldom.</summary>
    public virtual TimeSpan RestPerCall => TimeSpan.Zero;

    /// <summary>How often deletions are looked for, where the source tells them: a call of its own.</summary>
    public virtual TimeSpan DeletionsEvery => TimeSpan.FromMinutes(10);

    /// <summary>How often everything is compared, for what no change and no deletion tells.</summary>
    public virtual TimeSpan CheckEvery => TimeSpan.FromDays(1);

    /// <summary>By how much a look for changes reaches back behind what was seen: what a source writes may show late.</summary>
    public virtual TimeSpan Overlap => TimeSpan.FromMinutes(1);

    /// <summary>
    /// How many records of a copy with so many may vanish in one run before a person is asked; all of them where nothing of value goes with them.
    /// </summary>
    public virtual long MostDeletions(long rows) => Math.Max(50, rows / 10);
}
