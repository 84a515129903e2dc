using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class OneConnectionTests
{
    [Fact]
    public async Task A_context_has_one_connection_from_its_first_query_to_its_end_and_says_its_tenant_once()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        using var use = new DatabaseUse(new NpgsqlConnectionStringBuilder(database).Database!);
        await using (var context = host.Db.For(new TenantId(Guid.CreateVersion7())))
        {
            Assert.Equal(0, use.UsedConnections);

            var first = await PidAsync(context);
            for (var i = 0; i < 4; i++)
            {
                Assert.Equal(first, await PidAsync(context));
            }

            Assert.Equal(6, use.Commands);
            Assert.Equal(1, use.UsedConnections);
        }

        Assert.Equal(0, use.UsedConnections);
    }

    [Fact]
    public async Task A_context_whose_connection_was_cut_gets_another_one_for_its_tenant()
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        var tenant = new TenantId(Guid.CreateVersion7());
        await using var context = host.Db.For(tenant);
        var pid = await PidAsync(context);
        await using var admin = NpgsqlDataSource.Create(database);
        await using var cut = admin.CreateCommand($"SELECT pg_terminate_backend({pid})");
        await cut.ExecuteNonQueryAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => PidAsync(context));

        context.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = "" });
        await context.SaveChangesAsync();
        Assert.Single(await context.Notes.ToListAsync());
    }

    private static async Task<int> PidAsync(NotesDbContext context) =>
        (await context.Database.SqlQuery<int>($"SELECT pg_backend_pid() AS \"Value\"").ToListAsync()).Single();
}
