using System.Globalization;
using System.Text.Json.Nodes;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Sync.Tests;

/// <summary>
/// A source as sources are: it knows whole seconds, its pages are counted from the beginning and so move when something before them is deleted, and
/// it is changed while it is read.
/// </summary>
internal sealed class Library : CopySource
{
    public const int PageSize = 200;

    /// <summary>Spoils the call that it is in.</summary>
    public const string WrongId = "no-id";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (DateTimeOffset ModifiedAt, string Title)> _books = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _deleted = new(StringComparer.Ordinal);
    private int _number;

    /// <summary>Its own clock.</summary>
    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.FromHours(2));

    public int Calls { get; private set; }

    /// <summary>Called before each answer, with what is asked.</summary>
    public Func<string, Failure?> Before { get; set; } = _ => null;

    /// <summary>Awaited before everything is read for a copy: a library that is slow for some.</summary>
    public Func<CopyTarget, Task> Slow { get; set; } = _ => Task.CompletedTask;

    public bool IgnoresFilter { get; set; }

    public bool IsStuck { get; set; }

    /// <summary>Whether it says when books were changed, and gives them by that and by id.</summary>
    public bool KnowsTimes { get; set; } = true;

    /// <summary>A book that is left out where everything is read.</summary>
    public string? Overlooked { get; set; }

    /// <summary>As many deletions are told at most.</summary>
    public int MostDeletions { get; set; } = int.MaxValue;

    /// <summary>Whether deletions are told; merged records never are.</summary>
    public bool Tells { get; set; } = true;

    public override bool TellsDeletions => Tells;

    public override bool TellsTimes => KnowsTimes;

    public IReadOnlyDictionary<string, string> Books
    {
        get
        {
            lock (_lock)
            {
                return _books.ToDictionary(book => book.Key, book => book.Value.Title, StringComparer.Ordinal);
            }
        }
    }

    public void Add(int count)
    {
        lock (_lock)
        {
            foreach (var _ in Enumerable.Range(0, count))
            {
                var number = _number++;
                _books[number.ToString("D8", CultureInfo.InvariantCulture)] = (Now, $"Book {number}");
            }
        }
    }

    public void Pass(int seconds)
    {
        lock (_lock)
        {
            Now += TimeSpan.FromSeconds(seconds);
        }
    }

    public void Edit(Random random, int count)
    {
        lock (_lock)
        {
            foreach (var id in Some(random, count))
            {
                _books[id] = (Now, $"Edited {random.Next()}");
            }
        }
    }

    public IReadOnlyList<string> Delete(Random random, int count, bool isMerge = false)
    {
        lock (_lock)
        {
            var ids = Some(random, count);
            foreach (var id in ids)
            {
                _books.Remove(id);
                if (!isMerge)
                {
                    _deleted[id] = Now;
                }
            }

            return ids;
        }
    }

    public void Restore(string id)
    {
        lock (_lock)
        {
            _deleted.Remove(id);
            _books[id] = (Now, "Restored");
        }
    }

    public override async Task<Result<SourcePage<SourceRecord>>> ReadAllAsync(CopyTarget copy, string position, CancellationToken cancellationToken)
    {
        await Slow(copy).WaitAsync(cancellationToken);
        return await AnswerAsync("all", position, () => _books.Where(book => book.Key != Overlooked).Select(Record));
    }

    public override Task<Result<SourcePage<SourceRecord>>> ReadChangesAsync(
        CopyTarget copy, DateTimeOffset from, string position, CancellationToken cancellationToken)
    {
        Assert.True(KnowsTimes);
        lock (_lock)
        {
            // behind the record that the position names
            var page = _books.Where(book => IgnoresFilter || book.Value.ModifiedAt >= from).Select(Record).OrderBy(PlaceOf, StringComparer.Ordinal)
                .Where(record => position.Length == 0 || string.CompareOrdinal(PlaceOf(record), position) > 0).Take(PageSize).ToList();
            return AnswerAsync("changes", "", () => page, next: page.Count == PageSize ? PlaceOf(page[^1]) : null);
        }
    }

    public override async Task<Result<FoundRecords>> ReadByIdAsync(
        CopyTarget copy, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        Assert.True(KnowsTimes);
        return ids.Contains(WrongId)
            ? new Failure(FailureKind.Invalid, "id_invalid", "One of the ids is no id.")
            : (await AnswerAsync("ids", "", () => _books.Where(book => ids.Contains(book.Key)).Select(Record))).Succeeded(out var page, out var failure)
                ? new FoundRecords(page.Items)
                : failure;
    }

    public override Task<Result<SourcePage<SourceKey>>> ReadKeysAsync(CopyTarget copy, string position, CancellationToken cancellationToken) =>
        AnswerAsync("keys", position, () => _books.Select(book => new SourceKey(book.Key, book.Value.ModifiedAt)), size: 10 * PageSize);

    public override async Task<Result<SourcePage<SourceDeletion>>> ReadDeletionsAsync(
        CopyTarget copy, DateTimeOffset from, string position, CancellationToken cancellationToken)
    {
        var told = _deleted.Where(gone => gone.Value >= from).Select(gone => new SourceDeletion(gone.Key, gone.Value)).ToList();
        return (await AnswerAsync("deletions", position, () => told.Take(MostDeletions))).Succeeded(out var page, out var failure)
            ? page with { IsIncomplete = told.Count > MostDeletions }
            : failure;
    }

    public override Task<Result<SourceCount>> CountAsync(CopyTarget copy, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Calls++;
            return Task.FromResult<Result<SourceCount>>(Before("count") is { } failure ? failure : new SourceCount(_books.Count, 1));
        }
    }

    private static string PlaceOf(SourceRecord record) => $"{record.ModifiedAt.UtcDateTime:O} {record.Id}";

    private SourceRecord Record(KeyValuePair<string, (DateTimeOffset ModifiedAt, string Title)> book) =>
        new(book.Key, KnowsTimes ? book.Value.ModifiedAt : DateTimeOffset.UnixEpoch, new JsonObject { ["title"] = book.Value.Title });

    private Task<Result<SourcePage<T>>> AnswerAsync<T>(
        string asked, string position, Func<IEnumerable<T>> items, int size = PageSize, string? next = null)
    {
        lock (_lock)
        {
            Calls++;
            if (Before(asked) is { } failure)
            {
                return Task.FromResult<Result<SourcePage<T>>>(failure);
            }

            var first = position.Length == 0 ? 0 : int.Parse(position, CultureInfo.InvariantCulture);
            var all = items().ToList();
            next ??= IsStuck ? "200" : first + size < all.Count ? (first + size).ToString(CultureInfo.InvariantCulture) : null;
            return Task.FromResult<Result<SourcePage<T>>>(new SourcePage<T>([.. all.Skip(first).Take(size)], next, Now));
        }
    }

    private List<string> Some(Random random, int count)
    {
        var all = _books.Keys.ToArray();
        random.Shuffle(all);
        return [.. all.Take(count)];
    }
}
