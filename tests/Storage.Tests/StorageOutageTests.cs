using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class StorageOutageTests
{
    [Theory]
    [InlineData("53000", true)]     // insufficient resources
    [InlineData("53100", true)]     // disk full
    [InlineData("53200", true)]     // out of memory
    [InlineData("53300", true)]     // too many connections
    [InlineData("53400", true)]     // a limit of the configuration
    [InlineData("58000", true)]     // system error
    [InlineData("58030", true)]     // input or output failed
    [InlineData("57P01", true)]     // the server goes down
    [InlineData("23514", false)]    // a check failed
    [InlineData("XX001", false)]    // corrupted
    public async Task What_the_server_cannot_do_for_want_of_something_is_an_outage_however_it_is_written(string sqlState, bool isOutage)
    {
        var database = await (await TestServers.Shared).CreateDatabaseAsync();
        await using var host = await StorageHost.StartAsync(database);
        await using (var admin = NpgsqlDataSource.Create(database))
        await using (var refuse = admin.CreateCommand(
            $"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE EXCEPTION 'could not write' USING ERRCODE = '{sqlState}'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION refuse();
            """))
        {
            await refuse.ExecuteNonQueryAsync();
        }

        var tenant = new TenantId(Guid.CreateVersion7());
        await using var db = host.Db.For(tenant);
        db.Notes.Add(new Note { TenantId = tenant, Id = 1, Text = "" });
        Func<Task>[] writes =
        [
            () => db.SaveChangesAsync(),
            () => db.Database.ExecuteSqlAsync($"INSERT INTO notes (tenant_id, id, text) VALUES ({tenant.Value}, 2, '')"),
        ];

        foreach (var write in writes)
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(write);
            Assert.True(StorageOutage.Is(failure) == isOutage, failure.ToString());
        }
    }
}
