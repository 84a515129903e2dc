using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class StoragePoolsTests
{
    private static readonly TenantId Tenant = new(Guid.Parse("0199a000-0000-7000-8000-00000000000a"));
    private static readonly TenantId Other = new(Guid.Parse("0199a000-0000-7000-8000-00000000000b"));

    [Fact]
    public async Task Requests_that_hold_all_their_connections_leave_work_its_own_and_the_other_way_round()
    {
        await using var host = await StartAsync(await MigrateAsync());

        await StoragePools.ForRequestAsync(async () =>
        {
            await using var held = await HoldAllAsync(host, Tenant, 3);
            await using var others = await HoldAllAsync(host, Other, 3);
            await Assert.ThrowsAnyAsync<Exception>(() => UseAsync(host, new TenantId(Guid.NewGuid())));
            await AsWorkAsync(() => UseAsync(host, Tenant));
        });
        await AsWorkAsync(async () =>
        {
            await using var held = await HoldAllAsync(host, Tenant, 3);
            await Assert.ThrowsAnyAsync<Exception>(() => UseAsync(host, Tenant));
            await StoragePools.ForRequestAsync(() => UseAsync(host, Tenant));
        });
    }

    [Fact]
    public async Task A_tenant_that_has_all_the_connections_it_may_have_waits_for_them_and_another_one_does_not()
    {
        await using var host = await StartAsync(await MigrateAsync());

        await StoragePools.ForRequestAsync(async () =>
        {
            Task next;
            await using (await HoldAllAsync(host, Tenant, 3))
            {
                next = UseAsync(host, Tenant);
                await UseAsync(host, Other);
                Assert.False(next.IsCompleted);
            }

            await next;
        });
    }

    [Fact]
    public async Task A_tenant_whose_statements_all_stand_still_keeps_no_other_ones_waiting_and_hears_when_too_many_wait()
    {
        var login = await MigrateAsync();
        await using var host = await StartAsync(login);
        await using var blocker = new NpgsqlConnection($"{login};Pooling=false");
        await blocker.OpenAsync();
        await blocker.LockAsync("blocked", default);

        await StoragePools.ForRequestAsync(async () =>
        {
            // one has the tenant's connection, and so many more may wait for it
            var standing = Enumerable.Range(0, 501).Select(_ => BlockedAsync(host)).ToList();
            var refused = await Assert.ThrowsAsync<RpcException>(() => BlockedAsync(host));
            Assert.Equal((StatusCode.ResourceExhausted, "tenant_busy"), (refused.StatusCode, refused.ToFailure()?.Code));
            await UseAsync(host, Other);
            Assert.DoesNotContain(standing, statement => statement.IsCompleted);

            await blocker.CloseAsync();
            await Task.WhenAll(standing);
        });
    }

    private static async Task<string> MigrateAsync() =>
        await new NotesDatabase().MigrateAsync(await (await TestServers.Shared).CreateDatabaseAsync());

    // six of contexts and two of statements for requests, three and one for work
    private static Task<StorageHost> StartAsync(string login) =>
        StorageHost.StartAsAsync(new NpgsqlConnectionStringBuilder(login) { MaxPoolSize = 12, Timeout = 1 }.ConnectionString);

    private static Task<int> BlockedAsync(StorageHost host) =>
        host.Db.Statements.RunAsync(Tenant, "SELECT pg_advisory_xact_lock($1)", [AdvisoryLock.KeyOf("blocked")], default);

    // a request that begins something for itself leaves its mark on it
    private static Task AsWorkAsync(Func<Task> run)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(run);
        }
    }

    private static async Task UseAsync(StorageHost host, TenantId tenant)
    {
        await using var context = host.Db.For(tenant);
        Assert.Empty(await context.Notes.ToListAsync());
        Assert.Equal(0, await host.Db.Statements.RunAsync(tenant, "DELETE FROM notes WHERE false", [], default));
    }

    private static async Task<Held> HoldAllAsync(StorageHost host, TenantId tenant, int count)
    {
        var contexts = new List<NotesDbContext>();
        for (var i = 0; i < count; i++)
        {
            contexts.Add(host.Db.For(tenant));
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
