using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CampaignsService.Data;

namespace ZohoPlatform.CampaignsService.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new CampaignsDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "CampaignsDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }
}
