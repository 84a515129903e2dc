using Microsoft.EntityFrameworkCore;
using ZohoPlatform.WebhookService.Data;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_hold_the_whole_model()
    {
        using var context = new WebhooksDatabase().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges(), "WebhooksDbContext has changed: add a migration, as CONTRIBUTING.md shows.");
    }
}
