using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Sealing;

/// <summary>What a service that seals has in its database.</summary>
public static class SealingModel
{
    extension(ModelBuilder model)
    {
        /// <summary>
        /// The tables <c>key_ring</c> and <c>sealing_tenants</c>, both spoken to in SQL alone. Neither holds a tenant's content: they are exceptions of
        /// <c>IsolateTenants</c>.
        /// </summary>
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
            model.SharedTypeEntity<Dictionary<string, object>>("sealing_tenants", tenant =>
            {
                tenant.IndexerProperty<TenantId>("tenant_id");
                tenant.HasKey("tenant_id");
            });
        }
    }

    extension(MigrationBuilder migration)
    {
        /// <summary>The function that puts a tenant into <c>sealing_tenants</c>, for <c>NoteSealingTenants</c>.</summary>
        public void CreateSealingTenantsFunction() => migration.Sql(
            """
            CREATE FUNCTION note_sealing_tenant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO sealing_tenants VALUES (NEW.tenant_id) ON CONFLICT DO NOTHING;
                RETURN NULL;
            END $$;
            """);

        /// <summary>Whoever has a row in one of these tables is among the tenants that hold sealed values.</summary>
        public void NoteSealingTenants(params string[] tables)
        {
            foreach (var table in tables)
            {
                migration.Sql(
                    $"CREATE TRIGGER note_sealing_tenant AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note_sealing_tenant();");
            }
        }
    }
}
