using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Storage;

/// <summary>
/// A context that sees one tenant. The connection that it has from its first use until it is disposed says so to PostgreSQL
/// (<c>app.tenant_id</c>), and row level security does the filtering: a query that forgets the tenant gets no other tenant's rows, and one of
/// <see cref="TenantId.None"/> gets none at all.
/// </summary>
/// <remarks>
/// Made by <see cref="TenantDb{TContext}"/>; lives as long as one piece of work in the database, and not across a wait for a client, a
/// provider or a receiver, which would keep a connection from others.
/// </remarks>
public abstract class TenantDbContext(DbContextOptions options, TenantId tenant) : DbContext(options)
{
    public TenantId Tenant { get; } = tenant;

    /// <summary>Whose rows alone it sees in tables with owners (<c>app.owner</c>); null: those of all owners in the tenant.</summary>
    public string? Owner { get; internal set; }

    /// <summary>Where it waits for a place of its tenant before it has a connection; null: it needs none.</summary>
    internal TenantPlaces? Places { get; set; }

    /// <summary>Which it has until it is disposed, as the connection.</summary>
    internal IDisposable? Place { get; set; }

    public override void Dispose()
    {
        base.Dispose();
        Place?.Dispose();
        GC.SuppressFinalize(this);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Place?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<TenantId>().HaveConversion<TenantIdConverter>();
        // what is written is what the code says, and an index is there because somebody wanted it
        configurationBuilder.Conventions.Remove<ValueGenerationConvention>();
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
    }

    private sealed class TenantIdConverter()
        : Microsoft.EntityFrameworkCore.Storage.ValueConversion.ValueConverter<TenantId, Guid>(id => id.Value, value => new TenantId(value));
}
