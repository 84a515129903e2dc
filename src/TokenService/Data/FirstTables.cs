using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.Data;

[DbContext(typeof(TokensDbContext))]
[Migration("20261121000000_FirstTables")]
internal sealed class FirstTables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE TABLE integration_settings (
                tenant_id uuid NOT NULL,
                provider integer NOT NULL,
                client_id text NOT NULL,
                region text NOT NULL,
                crm_enabled boolean NOT NULL,
                organization_id text NOT NULL,
                api_domain text NOT NULL,
                PRIMARY KEY (tenant_id, provider)
            );

            CREATE TABLE client_secrets (
                tenant_id uuid NOT NULL,
                provider integer NOT NULL,
                data_centre text NOT NULL,
                secret_sealed bytea NOT NULL,
                PRIMARY KEY (tenant_id, provider, data_centre)
            );

            CREATE TABLE connections (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                provider integer NOT NULL,
                owner text NOT NULL,
                data_centre text NOT NULL,
                api_domain text NOT NULL,
                client_id text NOT NULL,
                features integer[] NOT NULL,
                granted_scopes text[] NOT NULL,
                state integer NOT NULL,
                state_code text NOT NULL,
                state_reason text NOT NULL,
                refresh_token_sealed bytea NOT NULL,
                grant_sha256 text NOT NULL,
                access_token_sealed bytea,
                access_token_sha256 text,
                access_token_expires_at timestamptz,
                version bigint NOT NULL,
                lease_owner uuid,
                lease_until timestamptz,
                failures integer NOT NULL,
                cooldown_until timestamptz,
                cooldown_code text NOT NULL,
                cooldown_reason text NOT NULL,
                created_at timestamptz NOT NULL,
                last_refreshed_at timestamptz,
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, provider, owner, data_centre)
            );

            CREATE TABLE refresh_attempts (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                grant_sha256 text NOT NULL,
                started_at timestamptz NOT NULL,
                verdict text NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE INDEX refresh_attempts_of_a_grant ON refresh_attempts (tenant_id, grant_sha256, started_at);

            CREATE TABLE pending_authorizations (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                provider integer NOT NULL,
                features integer[] NOT NULL,
                data_centre text NOT NULL,
                owner text NOT NULL,
                redirect_uri text NOT NULL,
                actor text NOT NULL,
                expires_at timestamptz NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );

            CREATE TABLE revocations (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                connection_id uuid NOT NULL,
                provider integer NOT NULL,
                data_centre text NOT NULL,
                refresh_token_sealed bytea NOT NULL,
                grant_sha256 text NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );

            -- says only that something is due for a tenant, so that one worker can look after all of them
            CREATE TABLE revocation_queue (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                due_at timestamptz NOT NULL,
                attempts integer NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE INDEX revocation_queue_due ON revocation_queue (due_at);

            CREATE TABLE audit_entries (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                at timestamptz NOT NULL,
                actor text NOT NULL,
                action text NOT NULL,
                subject text NOT NULL,
                details jsonb NOT NULL,
                PRIMARY KEY (tenant_id, id)
            );

            CREATE TABLE key_ring (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name text NOT NULL,
                master_key_id text,
                xml text NOT NULL
            );
            """);
        foreach (var table in (string[])
            [
                "integration_settings", "client_secrets", "connections", "refresh_attempts", "pending_authorizations", "revocations",
                "audit_entries",
            ])
        {
            migrationBuilder.IsolateTenants(table);
        }
    }
}
