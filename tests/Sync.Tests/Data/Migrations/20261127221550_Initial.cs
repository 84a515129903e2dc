using System;
using Microsoft.EntityFrameworkCore.Migrations;
using ZohoPlatform.Storage;

#nullable disable

namespace ZohoPlatform.Sync.Tests.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "books",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    copy_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false),
                    title = table.Column<string>(type: "text", nullable: false),
                    writes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_books", x => new { x.tenant_id, x.copy_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "copies",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    connection_id = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false),
                    changes_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    deletions_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    deletions_read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    compared_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_run_ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ignores_filter = table.Column<bool>(type: "boolean", nullable: false),
                    counted = table.Column<long>(type: "bigint", nullable: true),
                    read_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    count_void_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    wanted = table.Column<int>(type: "integer", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    failure_kind = table.Column<int>(type: "integer", nullable: true),
                    message = table.Column<string>(type: "text", nullable: false),
                    failed_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    not_before = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    told_code = table.Column<string>(type: "text", nullable: false),
                    run_id = table.Column<Guid>(type: "uuid", nullable: true),
                    run_kind = table.Column<int>(type: "integer", nullable: false),
                    step = table.Column<int>(type: "integer", nullable: false),
                    position = table.Column<string>(type: "text", nullable: false),
                    step_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    run_source_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    step_source_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    generation = table.Column<long>(type: "bigint", nullable: false),
                    read_generation = table.Column<long>(type: "bigint", nullable: false),
                    reads_again = table.Column<bool>(type: "boolean", nullable: false),
                    is_second_reading = table.Column<bool>(type: "boolean", nullable: false),
                    run_started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    run_read = table.Column<long>(type: "bigint", nullable: false),
                    run_written = table.Column<long>(type: "bigint", nullable: false),
                    run_deleted = table.Column<long>(type: "bigint", nullable: false),
                    run_calls = table.Column<long>(type: "bigint", nullable: false),
                    run_restarts = table.Column<int>(type: "integer", nullable: false),
                    run_expected = table.Column<long>(type: "bigint", nullable: true),
                    followed_last = table.Column<bool>(type: "boolean", nullable: false),
                    deleted_unasked = table.Column<long>(type: "bigint", nullable: false),
                    vanishing = table.Column<long>(type: "bigint", nullable: false),
                    deletions_allowed = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copies", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "copy_hints",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    copy_id = table.Column<Guid>(type: "uuid", nullable: false),
                    record_id = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copy_hints", x => new { x.tenant_id, x.copy_id, x.record_id });
                });

            migrationBuilder.CreateTable(
                name: "copy_queue",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copy_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "copy_records",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    copy_id = table.Column<Guid>(type: "uuid", nullable: false),
                    record_id = table.Column<string>(type: "text", nullable: false),
                    modified_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    content_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    generation = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copy_records", x => new { x.tenant_id, x.copy_id, x.record_id });
                });

            migrationBuilder.CreateTable(
                name: "copy_runs",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    copy_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    read = table.Column<long>(type: "bigint", nullable: false),
                    written = table.Column<long>(type: "bigint", nullable: false),
                    deleted = table.Column<long>(type: "bigint", nullable: false),
                    calls = table.Column<long>(type: "bigint", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copy_runs", x => new { x.tenant_id, x.copy_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "told",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_told", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_copies_tenant_id_kind_connection_id_subject",
                table: "copies",
                columns: new[] { "tenant_id", "kind", "connection_id", "subject" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_copy_queue_claimed_until",
                table: "copy_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_copy_queue_due_at",
                table: "copy_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_copy_records_tenant_id_copy_id_generation",
                table: "copy_records",
                columns: new[] { "tenant_id", "copy_id", "generation" },
                filter: "deleted_at IS NULL");

            migrationBuilder.IsolateTenants(except: [.. CopyTables.WithoutContent]);
            migrationBuilder.SignalCopies();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "books");

            migrationBuilder.DropTable(
                name: "copies");

            migrationBuilder.DropTable(
                name: "copy_hints");

            migrationBuilder.DropTable(
                name: "copy_queue");

            migrationBuilder.DropTable(
                name: "copy_records");

            migrationBuilder.DropTable(
                name: "copy_runs");

            migrationBuilder.DropTable(
                name: "told");
        }
    }
}
