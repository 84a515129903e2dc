using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage.Tests;

/// <summary>The smallest service database: one tenant table and one that belongs to nobody.</summary>
internal sealed class NotesDbContext(DbContextOptions<NotesDbContext> options, TenantId tenant) : TenantDbContext(options, tenant)
{
    public DbSet<Note> Notes => Set<Note>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Note>(note =>
    {
        note.ToTable("notes");
        note.HasKey(n => new { n.TenantId, n.Id });
        note.Property(n => n.TenantId).HasColumnName("tenant_id");
        note.Property(n => n.Id).HasColumnName("id");
        note.Property(n => n.Text).HasColumnName("text");
    });
}

internal sealed class Note
{
    public required TenantId TenantId { get; init; }

    public required int Id { get; init; }

    public required string Text { get; set; }
}

[DbContext(typeof(NotesDbContext))]
[Migration("20261101000000_Notes")]
internal sealed class NotesMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE TABLE notes (tenant_id uuid NOT NULL, id integer NOT NULL, text text NOT NULL, PRIMARY KEY (tenant_id, id));
            CREATE TABLE queue (id integer PRIMARY KEY);
            """);
        migrationBuilder.IsolateTenants("notes");
    }
}
