using Microsoft.EntityFrameworkCore;
using ZohoPlatform.MessagingService.Data;

namespace ZohoPlatform.MessagingService.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new MessagingDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "MessagingDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }
}
