namespace ZohoPlatform.Sync.Tests;

/// <summary>Whatever happens meanwhile, a copy becomes what its source is.</summary>
public sealed class CopyKillTests : IAsyncLifetime
{
    private Shelf _shelf = null!;

    public async Task InitializeAsync() => _shelf = await Shelf.StartAsync(replicas: 2, TimeProvider.System);

    public async Task DisposeAsync() => await _shelf.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_random_moments_while_its_source_changes_it_becomes_equal(bool knowsTimes)
    {
        const int Rows = 4_000;
        const int Kills = 10;
        var random = new Random(7);
        var library = _shelf.Library;
        (library.KnowsTimes, library.Tells) = (knowsTimes, knowsTimes);
        library.Add(Rows);
        var kills = Enumerable.Range(0, Kills).Select(_ => random.Next(5, (Rows / Library.PageSize) + 10)).Order().ToList();
        var (asked, reached) = (0, new SemaphoreSlim(0));
        library.Before = what =>
        {
            asked++;
            // the source goes on living while it is read
            library.Pass(1);
            library.Edit(random, 10);
            if (asked % 5 == 0)
            {
                library.Delete(random, 3, isMerge: asked % 10 == 0);
            }

            if (kills.RemoveAll(at => at <= asked) is > 0 and var due)
            {
                reached.Release(due);
            }

            return null;
        };
        var copy = await _shelf.MakeAsync();
        foreach (var kill in Enumerable.Range(0, Kills))
        {
            Assert.True(await reached.WaitAsync(Testing.Eventually.Limit));
            await (kill % 2 == 0 ? _shelf.CutAsync() : _shelf.ReplaceOneAsync());
        }

        await _shelf.RestedAsync(copy);
        library.Before = _ => null;
        library.Pass(1);
        library.Edit(random, 500);
        var report = await _shelf.RunAsync(copy, CopyRunKind.Check);

        Assert.Equal(library.Books.OrderBy(book => book.Key, StringComparer.Ordinal), (await _shelf.BooksAsync()).OrderBy(book => book.Key, StringComparer.Ordinal));
        Assert.Equal(library.Books.Count, report.Rows);
        Assert.Equal(0L, await _shelf.SqlAsync("SELECT count(*) FROM copy_records r WHERE deleted_at IS NULL AND NOT EXISTS (SELECT FROM books b WHERE b.id = r.record_id)"));
    }
}
