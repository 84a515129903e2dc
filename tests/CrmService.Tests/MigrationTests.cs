using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Data;

namespace ZohoPlatform.CrmService.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new CrmDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "CrmDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }
}
