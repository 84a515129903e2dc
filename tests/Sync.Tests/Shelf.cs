using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Sync.Tests;

/// <summary>Replicas of a service that copies a <see cref="Library"/>, on one database of their own.</summary>
internal sealed class Shelf : IAsyncDisposable
{
    public const string Kind = "shelf.books";

    private readonly List<IHost> _replicas = [];
    private readonly string _admin;
    private readonly TimeProvider _time;

    private Shelf(string admin, TimeProvider? time) => (_admin, _time) = (admin, time ?? Clock);

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public Library Library { get; } = new();

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public RecordedLog Log { get; } = new(LogLevel.Information);

    public TenantDb<ShelfDbContext> Db => _replicas[0].Services.GetRequiredService<TenantDb<ShelfDbContext>>();

    public Copies<ShelfDbContext> Copies => _replicas[0].Services.GetRequiredService<Copies<ShelfDbContext>>();

    public static async Task<Shelf> StartAsync(int replicas = 1, TimeProvider? time = null)
    {
        var shelf = new Shelf(await (await TestServers.Shared).CreateDatabaseAsync(), time);
        foreach (var _ in Enumerable.Range(0, replicas))
        {
            await shelf.AddReplicaAsync();
        }

        return shelf;
    }

    public async Task AddReplicaAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(Log);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:shelf"] = await new ShelfDatabase().MigrateAsync(_admin),
        });
        builder.Services.AddSingleton(_time);
        builder.Services.AddMetrics();
        builder.AddStorage(new ShelfDatabase());
        builder.Services.AddSingleton<CopyKind<ShelfDbContext>>(new BooksKind(Library));
        builder.AddCopies<ShelfDbContext>();
        var host = builder.Build();
        await host.StartAsync();
        _replicas.Add(host);
    }

    /// <summary>Takes all connections away in the middle of whatever is done.</summary>
    public Task<object?> CutAsync() => SqlAsync(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

    /// <summary>Stops a replica in the middle of whatever it does, and puts another one in its place.</summary>
    public async Task ReplaceOneAsync()
    {
        var stopped = _replicas[0];
        _replicas.RemoveAt(0);
        await stopped.StopAsync();
        stopped.Dispose();
        await AddReplicaAsync();
    }

    public async Task<Guid> MakeAsync(TenantId? tenant = null, string subject = "all")
    {
        await using var context = Db.For(tenant ?? Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        var id = await Copies.MakeAsync(context, Kind, "connection", subject, CancellationToken.None);
        await transaction.CommitAsync();
        return id;
    }

    /// <summary>In a transaction of its own.</summary>
    public async Task<Result<CopyStatus>> ChangeAsync(Func<ShelfDbContext, Task<Result<CopyStatus>>> change, TenantId? tenant = null)
    {
        await using var context = Db.For(tenant ?? Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        var changed = await change(context);
        await transaction.CommitAsync();
        return changed;
    }

    public async Task<CopyStatus> GetAsync(Guid id, TenantId? tenant = null) =>
        (await Copies.GetAsync(tenant ?? Tenant, id, CancellationToken.None)).Succeeded(out var status, out var failure)
            ? status
            : throw new InvalidOperationException(failure.Message);

    /// <summary>Waits until it rests, up to date with a moment behind <paramref name="since"/>.</summary>
    public Task<CopyStatus> RestedAsync(Guid id, DateTimeOffset? since = null, TenantId? tenant = null) => Eventually.GetAsync(
        () => GetAsync(id, tenant), status => status is { Run: null, Wanted: CopyRunKind.None } && status.LastRunEndedAt is { } ended && (since is null || ended > since));

    public Task<IReadOnlyList<CopyRun>> RunsAsync(Guid id) => Copies.RunsAsync(Tenant, id, CancellationToken.None);

    /// <summary>Has it look for changes, or for more, and waits for the end.</summary>
    public async Task<CopyRun> RunAsync(Guid id, CopyRunKind kind = CopyRunKind.Changes)
    {
        // runs are told apart by when they began
        var before = (await GetAsync(id)).LastRunEndedAt;
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await Copies.RequestAsync(Tenant, id, kind, CancellationToken.None)).Succeeded(out _, out _));
        await RestedAsync(id, before);
        return (await RunsAsync(id))[0];
    }

    public async Task<IReadOnlyDictionary<string, string>> BooksAsync(TenantId? tenant = null)
    {
        await using var context = Db.For(tenant ?? Tenant);
        return await context.Books.AsNoTracking().ToDictionaryAsync(book => book.Id, book => book.Title, StringComparer.Ordinal);
    }

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_admin);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.StopAsync();
            replica.Dispose();
        }
    }

    private sealed class BooksKind(Library library) : CopyKind<ShelfDbContext>
    {
        public override string Name => Kind;

        public override CopySource Source => library;

        public override TimeSpan RestPerCall => library.KnowsTimes ? TimeSpan.Zero : TimeSpan.FromSeconds(30);

        public override Task ForgetAsync(ShelfDbContext context, CopyTarget copy, CancellationToken cancellationToken) =>
            context.Books.Where(book => book.CopyId == copy.Id).ExecuteDeleteAsync(cancellationToken);

        public override async Task WriteAsync(
            ShelfDbContext context, CopyTarget copy, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken)
        {
            var ids = changes.Select(change => change.Id).ToList();
            var known = await context.Books.Where(book => book.CopyId == copy.Id && ids.Contains(book.Id))
                .ToDictionaryAsync(book => book.Id, StringComparer.Ordinal, cancellationToken);
            foreach (var change in changes)
            {
                var book = known.GetValueOrDefault(change.Id);
                if (change.Record is not { } record)
                {
                    context.Books.Remove(book!);
                    continue;
                }

                if (book is null)
                {
                    book = new Book { TenantId = copy.Tenant, CopyId = copy.Id, Id = change.Id, Title = "" };
                    context.Books.Add(book);
                }

                (book.Title, book.Writes) = ((string)record.Content["title"]!, book.Writes + 1);
            }
        }

        public override Task TellAsync(ShelfDbContext context, CopyTarget copy, Failure cause, CancellationToken cancellationToken)
        {
            context.Told.Add(new Told { TenantId = copy.Tenant, Id = Guid.CreateVersion7(), Code = cause.Code });
            return Task.CompletedTask;
        }
    }
}
