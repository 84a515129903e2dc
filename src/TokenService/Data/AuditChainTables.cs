using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Data;

[DbContext(typeof(TokensDbContext))]
[Migration("20261121120000_AuditChainTables")]
internal sealed class AuditChainTables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            -- json keeps the text as it was written, and the text is what is hashed
            ALTER TABLE audit_entries ALTER COLUMN details TYPE json USING details::json;
            ALTER TABLE audit_entries ADD COLUMN sequence bigint;

            -- the owner is under the policies too, and no tenant is at work here
            ALTER TABLE audit_entries NO FORCE ROW LEVEL SECURITY;
            UPDATE audit_entries entry SET sequence = older.sequence
            FROM (SELECT tenant_id, id, 1 - row_number() OVER (PARTITION BY tenant_id ORDER BY at DESC, id DESC) AS sequence
                FROM audit_entries) older
            WHERE older.tenant_id = entry.tenant_id AND older.id = entry.id;
            ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;

            ALTER TABLE audit_entries ALTER COLUMN sequence SET NOT NULL;
            CREATE UNIQUE INDEX audit_entries_in_sequence ON audit_entries (tenant_id, sequence);
            CREATE INDEX audit_entries_of_a_subject ON audit_entries (tenant_id, subject, sequence);

            CREATE TABLE audit_batches (
                tenant_id uuid NOT NULL,
                first_sequence bigint NOT NULL,
                last_sequence bigint NOT NULL,
                hash bytea NOT NULL,
                PRIMARY KEY (tenant_id, last_sequence)
            );

            -- the service adds to the audit and reads it; nothing in it ever changes
            DO $$ BEGIN
                EXECUTE format('REVOKE UPDATE, DELETE ON audit_entries, audit_batches FROM %I', current_database() || '_service');
            END $$;
            """);
        migrationBuilder.IsolateTenants("audit_batches");
    }
}
