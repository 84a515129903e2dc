using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Gateway.Access.Data;

namespace ZohoPlatform.Gateway.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new GatewayDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "GatewayDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }
}
