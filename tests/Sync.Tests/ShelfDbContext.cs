using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sync.Tests;

/// <summary>The smallest service that keeps copies: one table of its own.</summary>
internal sealed class ShelfDbContext(DbContextOptions<ShelfDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Book> Books => Set<Book>();

    public DbSet<Told> Told => Set<Told>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Book>().HasKey(book => new { book.TenantId, book.CopyId, book.Id });
        modelBuilder.Entity<Told>().HasKey(told => new { told.TenantId, told.Id });
        modelBuilder.AddCopies();
    }
}

internal sealed class ShelfDatabase() : ServiceDatabase<ShelfDbContext>("shelf", (options, tenant) => new ShelfDbContext(options, tenant));

internal sealed class Book
{
    public required TenantId TenantId { get; init; }

    public required Guid CopyId { get; init; }

    public required string Id { get; init; }

    public required string Title { get; set; }

    /// <summary>How often it was written.</summary>
    public int Writes { get; set; }
}

/// <summary>A cause of which the service was told.</summary>
internal sealed class Told
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Code { get; init; }
}
