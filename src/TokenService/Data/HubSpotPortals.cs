using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.TokenService.Data;

/// <summary>The organisation that a grant itself names: the HubSpot portal.</summary>
[DbContext(typeof(TokensDbContext))]
[Migration("20261121143000_HubSpotPortals")]
internal sealed class HubSpotPortals : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("ALTER TABLE connections ADD COLUMN organization_id text NOT NULL DEFAULT ''");
}
