using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.TokenService.Data;

[DbContext(typeof(TokensDbContext))]
[Migration("20261121141500_TokenRules")]
internal sealed class TokenRules : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        -- whose the grant is at the provider; empty where it did not say
        ALTER TABLE connections ADD COLUMN provider_user_id text NOT NULL DEFAULT '';
        ALTER TABLE revocations
            ADD COLUMN client_id text NOT NULL DEFAULT '',
            ADD COLUMN owner text NOT NULL DEFAULT '',
            ADD COLUMN provider_user_id text NOT NULL DEFAULT '';

        CREATE INDEX refresh_attempts_lately ON refresh_attempts (tenant_id, started_at);

        -- says only when which connection's token is to be replaced, so that one worker can look after all tenants
        CREATE TABLE refresh_queue (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            due_at timestamptz NOT NULL,
            until timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        );
        CREATE INDEX refresh_queue_due ON refresh_queue (due_at);
        """);
}
