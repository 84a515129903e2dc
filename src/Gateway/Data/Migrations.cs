using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Data;

[DbContext(typeof(GatewayDbContext))]
[Migration("20261121110000_TenantsKeysAndAnswers")]
internal sealed class TenantsKeysAndAnswers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        // tenants, api_key_directory and applied_settings carry no tenant's content: they are read before the tenant is known
        migrationBuilder.Sql(
            """
            CREATE TABLE tenants (
                id uuid PRIMARY KEY,
                name text NOT NULL UNIQUE,
                created_at timestamptz NOT NULL
            );
            CREATE TABLE api_key_directory (
                key_id text PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants (id)
            );
            CREATE TABLE api_keys (
                tenant_id uuid NOT NULL REFERENCES tenants (id),
                id text NOT NULL,
                name text NOT NULL,
                role text NOT NULL,
                secret_sha256 bytea NOT NULL,
                created_at timestamptz NOT NULL,
                created_by text NOT NULL,
                expires_at timestamptz,
                last_used_at timestamptz,
                PRIMARY KEY (tenant_id, id)
            );
            CREATE TABLE idempotency_records (
                tenant_id uuid NOT NULL REFERENCES tenants (id),
                key text NOT NULL,
                request_sha256 bytea NOT NULL,
                claim uuid NOT NULL,
                claimed_at timestamptz NOT NULL,
                created_at timestamptz NOT NULL,
                status int,
                content_type text,
                location text,
                body bytea,
                PRIMARY KEY (tenant_id, key)
            );
            CREATE INDEX idempotency_records_age ON idempotency_records (tenant_id, created_at);
            CREATE TABLE applied_settings (
                name text PRIMARY KEY,
                fingerprint bytea NOT NULL,
                applied_at timestamptz NOT NULL
            );
            """);
        migrationBuilder.IsolateTenants("api_keys");
        migrationBuilder.IsolateTenants("idempotency_records");
    }
}
