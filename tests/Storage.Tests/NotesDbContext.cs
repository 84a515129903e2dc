using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage.Tests;

/// <summary>The smallest service database: one tenant table and a queue of work.</summary>
internal sealed class NotesDbContext(DbContextOptions<NotesDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Note> Notes => Set<Note>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Note>().HasKey(note => new { note.TenantId, note.Id });
        modelBuilder.AddWorkQueue("queue");
    }
}

internal sealed class NotesDatabase() : ServiceDatabase<NotesDbContext>("notes", (options, tenant) => new NotesDbContext(options, tenant));

internal sealed class Note
{
    public required TenantId TenantId { get; init; }

    public required int Id { get; init; }

    public required string Text { get; set; }
}
