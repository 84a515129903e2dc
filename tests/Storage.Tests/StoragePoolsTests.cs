using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class StoragePoolsTests
{
    private static readonly TenantId Tenant = new(Guid.Parse("0199a000-0000-7000-8000-00000000000a"));

    [Fact]
    public async Task Requests_that_hold_all_their_connections_leave_work_its_own_and_the_other_way_round()
    {
        var login = await new NotesDatabase().MigrateAsync(await (await TestServers.Shared).CreateDatabaseAsync());
        await using var host = await StorageHost.StartAsAsync(
            new NpgsqlConnectionStringBuilder(login) { MaxPoolSize = 12, Timeout = 1 }.ConnectionString);

        await StoragePools.ForRequestAsync(async () =>
        {
            await using var held = await HoldAllAsync(host, 6);
            await Assert.ThrowsAnyAsync<Exception>(() => UseAsync(host));
            await AsWorkAsync(() => UseAsync(host));
        });
        await AsWorkAsync(async () =>
        {
            await using var held = await HoldAllAsync(host, 3);
            await Assert.ThrowsAnyAsync<Exception>(() => UseAsync(host));
            await StoragePools.ForRequestAsync(() => UseAsync(host));
        });
    }

    // a request that begins something for itself leaves its mark on it
    private static Task AsWorkAsync(Func<Task> run)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(run);
        }
    }

    private static async Task UseAsync(StorageHost host)
    {
        await using var context = host.Db.For(Tenant);
        Assert.Empty(await context.Notes.ToListAsync());
        Assert.Equal(0, await host.Db.Statements.RunAsync(Tenant, "DELETE FROM notes WHERE false", [], default));
    }

    private static async Task<Held> HoldAllAsync(StorageHost host, int count)
    {
        var contexts = new List<NotesDbContext>();
        for (var i = 0; i < count; i++)
        {
            contexts.Add(host.Db.For(Tenant));
            await contexts[^1].Database.OpenConnectionAsync();
        }

        return new Held(contexts);
    }

    private sealed record Held(IReadOnlyList<NotesDbContext> Contexts) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var context in Contexts)
            {
                await context.DisposeAsync();
            }
        }
    }
}
