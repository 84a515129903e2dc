using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Sealing;

/// <summary>What a service that seals has in its database.</summary>
public static class SealingModel
{
    /// <summary>Those without a tenant's content (ids): exceptions of <c>IsolateTenants</c>.</summary>
    public static readonly IReadOnlyList<string> WithoutContent = [Tenants];

    /// <summary>On each table with a sealed column.</summary>
    internal const string Trigger = "note_sealing_tenant";

    private const string Tenants = "sealing_tenants";

    extension(ModelBuilder model)
    {
        /// <summary>The tables <c>key_ring</c> and <c>sealing_tenants</c>, both spoken to in SQL alone.</summary>
        public void AddSealing()
        {
            model.SharedTypeEntity<Dictionary<string, object>>("key_ring", key =>
            {
                key.IndexerProperty<long>("id").UseIdentityAlwaysColumn();
                key.IndexerProperty<string>("name").IsRequired();
                key.IndexerProperty<string>("master_key_id");
                key.IndexerProperty<string>("xml").IsRequired();
            });
            // says only which tenants hold sealed values, so that all of them can be sealed anew
            model.SharedTypeEntity<Dictionary<string, object>>(Tenants, tenant =>
            {
                tenant.IndexerProperty<TenantId>("tenant_id");
                tenant.HasKey("tenant_id");
            });
        }
    }

    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// Whoever has a row in one of these tables is among the tenants that hold sealed values. A table of a <see cref="SealedColumn"/> that no
        /// migration names is found at the start, which is refused.
        /// </summary>
        public void NoteSealing(params IReadOnlyList<string> tables)
        {
            migration.Sql(
                $"""
                CREATE OR REPLACE FUNCTION {Trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO {Tenants} VALUES (NEW.tenant_id) ON CONFLICT DO NOTHING;
                    RETURN NULL;
                END $$;
                """);
            foreach (var table in tables)
            {
                migration.Sql($"CREATE TRIGGER {Trigger} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {Trigger}();");
            }
        }
    }

    extension(TenantDbContext context)
    {
        /// <summary>All that have a value in a sealed column, and some that had one: for rounds through all tenants. The context may be of none.</summary>
        public async Task<IReadOnlyList<TenantId>> SealingTenantsAsync(CancellationToken cancellationToken)
        {
            var tenants = await context.Database.SqlQuery<Guid>($"SELECT tenant_id FROM sealing_tenants").ToListAsync(cancellationToken);
            return [.. tenants.Select(tenant => new TenantId(tenant))];
        }
    }
}
