using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Data;

[DbContext(typeof(CampaignsDbContext))]
[Migration("20261121000000_Registrations")]
internal sealed class RegistrationsMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE TABLE campaigns_settings (
                tenant_id uuid PRIMARY KEY,
                list_key text,
                subject_key bytea NOT NULL);

            CREATE TABLE registrations (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                idempotency_key text,
                email text NOT NULL,
                first_name text,
                last_name text,
                country text,
                company text,
                phone text,
                preferred_language text,
                production_type text,
                category text,
                status integer NOT NULL,
                code text,
                message text,
                attempts integer NOT NULL,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL,
                next_attempt_at timestamptz,
                PRIMARY KEY (tenant_id, id));
            CREATE INDEX registrations_by_status ON registrations (tenant_id, status, id);
            CREATE UNIQUE INDEX registrations_by_idempotency_key ON registrations (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

            CREATE TABLE subscriptions (
                tenant_id uuid NOT NULL,
                list_key text NOT NULL,
                subject bytea NOT NULL,
                subscribed_at timestamptz NOT NULL,
                PRIMARY KEY (tenant_id, list_key, subject));

            CREATE TABLE push_blocks (
                tenant_id uuid PRIMARY KEY,
                status integer NOT NULL,
                code text NOT NULL,
                message text NOT NULL,
                until timestamptz NOT NULL);

            -- what workers of any tenant share; holds nothing of a contact
            CREATE TABLE registration_queue (
                sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                tenant_id uuid NOT NULL,
                registration_id uuid NOT NULL,
                subject bytea NOT NULL,
                due_at timestamptz NOT NULL,
                in_doubt boolean NOT NULL DEFAULT false,
                claimed_by uuid,
                claimed_until timestamptz,
                trace_parent text);
            CREATE INDEX registration_queue_by_due ON registration_queue (tenant_id, due_at, sequence);
            CREATE INDEX registration_queue_by_subject ON registration_queue (tenant_id, subject, sequence);
            CREATE INDEX registration_queue_claimed ON registration_queue (tenant_id) WHERE claimed_by IS NOT NULL;

            CREATE TABLE push_gates (
                tenant_id uuid PRIMARY KEY,
                opens_at timestamptz NOT NULL,
                failures integer NOT NULL);
            """);
        migrationBuilder.IsolateTenants("campaigns_settings");
        migrationBuilder.IsolateTenants("registrations");
        migrationBuilder.IsolateTenants("subscriptions");
        migrationBuilder.IsolateTenants("push_blocks");
    }
}
