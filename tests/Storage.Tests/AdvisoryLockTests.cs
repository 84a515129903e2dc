using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Storage.Tests;

public sealed class AdvisoryLockTests
{
    [Fact]
    public void A_name_has_the_same_number_in_every_process_and_no_other_name_has_it()
    {
        // every replica must know it by this number, also one of a later version
        Assert.Equal(4_155_460_214_952_220_903L, AdvisoryLock.KeyOf("storage migration"));
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(i => AdvisoryLock.KeyOf($"lock {i}")).Distinct().Count());
    }

    [Fact]
    public async Task A_lock_is_held_until_its_transaction_ends()
    {
        await using var host = await StorageHost.StartAsync();
        await using var first = host.Db.For(new TenantId(Guid.CreateVersion7()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.LockAsync("work", default));
        var transaction = await first.Database.BeginTransactionAsync();
        await first.LockAsync("work", default);

        await using var second = host.Db.For(new TenantId(Guid.CreateVersion7()));
        await using var waiting = await second.Database.BeginTransactionAsync();
        await second.LockAsync("play", default);
        var locked = second.LockAsync("work", default);
        await using var look = host.Db.DataSource.CreateCommand(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        await Eventually.GetAsync(async () => await look.ExecuteScalarAsync(), waiters => waiters is 1L);

        await transaction.CommitAsync();

        await locked.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Who_calls_waits_for_a_lock_for_some_seconds_alone()
    {
        await using var host = await StorageHost.StartAsync();
        await using var first = host.Db.For(new TenantId(Guid.CreateVersion7()));
        await using var transaction = await first.Database.BeginTransactionAsync();
        Assert.True(await first.TryLockAsync("work", default));

        await using (var second = host.Db.For(new TenantId(Guid.CreateVersion7())))
        await using (await second.Database.BeginTransactionAsync())
        {
            Assert.False(await second.TryLockAsync("work", default).WaitAsync(Eventually.Limit));
        }

        // what is waited for behind it is not cut short
        Assert.Equal("0", await first.Database.SqlQuery<string>($"""SELECT current_setting('lock_timeout') AS "Value" """).SingleAsync());
        await transaction.CommitAsync();
    }
}
