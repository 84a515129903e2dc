using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Quartz;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Data;

[DbContext(typeof(CampaignsDbContext))]
[Migration("20261121120000_Syncs")]
internal sealed class SyncsMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE TABLE sync_uploads (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                name text NOT NULL,
                columns text[] NOT NULL,
                rows bigint NOT NULL,
                expires_at timestamptz NOT NULL,
                PRIMARY KEY (tenant_id, id));

            CREATE TABLE sync_upload_rows (
                tenant_id uuid NOT NULL,
                upload_id uuid NOT NULL,
                position bigint NOT NULL,
                columns jsonb NOT NULL,
                PRIMARY KEY (tenant_id, upload_id, position),
                FOREIGN KEY (tenant_id, upload_id) REFERENCES sync_uploads ON DELETE CASCADE);

            CREATE TABLE syncs (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                idempotency_key text,
                request_hash bytea NOT NULL,
                source text NOT NULL,
                upload_id uuid,
                table_rows text,
                key_column text,
                key_type text,
                sealed_connection bytea,
                list_key text NOT NULL,
                dry_run boolean NOT NULL,
                row_limit bigint NOT NULL,
                rate integer NOT NULL,
                mapping jsonb NOT NULL,
                unmapped text[] NOT NULL,
                consent_reason text,
                consent_by text,
                state integer NOT NULL,
                prepared boolean NOT NULL DEFAULT false,
                fields_checked boolean NOT NULL DEFAULT false,
                source_key text,
                source_read boolean NOT NULL DEFAULT false,
                members_status integer NOT NULL DEFAULT 0,
                members_index integer NOT NULL DEFAULT 1,
                code text,
                message text,
                waits_until timestamptz,
                failures integer NOT NULL DEFAULT 0,
                total bigint NOT NULL,
                added bigint NOT NULL DEFAULT 0,
                updated bigint NOT NULL DEFAULT 0,
                existing bigint NOT NULL DEFAULT 0,
                suppressed bigint NOT NULL DEFAULT 0,
                invalid bigint NOT NULL DEFAULT 0,
                duplicate bigint NOT NULL DEFAULT 0,
                errors bigint NOT NULL DEFAULT 0,
                calls bigint NOT NULL DEFAULT 0,
                contacts_per_minute double precision NOT NULL DEFAULT 0,
                event bigint NOT NULL DEFAULT 1,
                created_at timestamptz NOT NULL,
                started_at timestamptz,
                ended_at timestamptz,
                PRIMARY KEY (tenant_id, id));
            CREATE UNIQUE INDEX syncs_by_idempotency_key ON syncs (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

            -- the ledger: what becomes of every row of a source
            CREATE TABLE sync_contacts (
                tenant_id uuid NOT NULL,
                sync_id uuid NOT NULL,
                position bigint NOT NULL,
                email text NOT NULL,
                key text,
                fields jsonb,
                on_list boolean NOT NULL DEFAULT false,
                resubscribe boolean NOT NULL DEFAULT false,
                outcome integer NOT NULL,
                code text,
                message text,
                at timestamptz,
                event bigint NOT NULL DEFAULT 0,
                run uuid,
                in_doubt boolean NOT NULL DEFAULT false,
                attempts integer NOT NULL DEFAULT 0,
                retry_at timestamptz,
                PRIMARY KEY (tenant_id, sync_id, position),
                FOREIGN KEY (tenant_id, sync_id) REFERENCES syncs ON DELETE CASCADE);
            CREATE INDEX sync_contacts_by_key ON sync_contacts (tenant_id, sync_id, key);
            CREATE INDEX sync_contacts_by_event ON sync_contacts (tenant_id, sync_id, event DESC, position DESC);
            CREATE INDEX sync_contacts_by_outcome ON sync_contacts (tenant_id, sync_id, outcome, position);

            -- whom the list held when a sync looked, until it ends
            CREATE TABLE sync_members (
                tenant_id uuid NOT NULL,
                sync_id uuid NOT NULL,
                key text NOT NULL,
                status integer NOT NULL,
                PRIMARY KEY (tenant_id, sync_id, key),
                FOREIGN KEY (tenant_id, sync_id) REFERENCES syncs ON DELETE CASCADE);

            -- what replicas share before they know the tenant; ids and times only
            CREATE TABLE sync_work (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL,
                is_upload boolean NOT NULL,
                due_at timestamptz NOT NULL,
                run uuid,
                held_until timestamptz);
            CREATE INDEX sync_work_by_due ON sync_work (due_at);
            """);
        migrationBuilder.IsolateTenants("sync_uploads");
        migrationBuilder.IsolateTenants("sync_upload_rows");
        migrationBuilder.IsolateTenants("syncs");
        migrationBuilder.IsolateTenants("sync_contacts");
        migrationBuilder.IsolateTenants("sync_members");
        foreach (var statement in QuartzSchema())
        {
            migrationBuilder.Sql(statement);
        }
    }

    // the scheduler's own tables, as its package describes them: made here because the service's role may not make any
    private static IEnumerable<string> QuartzSchema()
    {
        const string Prefix = "qrtz_";
        using var script = typeof(IScheduler).Assembly.GetManifestResourceStream("Quartz.Impl.AdoJobStore.Schema.create_postgres.sql")
            ?? throw new InvalidOperationException("This version of Quartz has no script of its PostgreSQL tables.");
        using var reader = new StreamReader(script);
        return [.. reader.ReadToEnd()
            .Replace("{0}", Prefix, StringComparison.Ordinal)
            .Replace("{1}", Prefix, StringComparison.Ordinal)
            .Split("\n--;;", StringSplitOptions.RemoveEmptyEntries)
            .Where(statement => statement.Contains("CREATE", StringComparison.Ordinal))];
    }
}
