using Microsoft.EntityFrameworkCore;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new TokensDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "TokensDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }
}
