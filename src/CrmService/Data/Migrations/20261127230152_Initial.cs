using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using ZohoPlatform.Audit;
using ZohoPlatform.Events;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

#nullable disable

namespace ZohoPlatform.CrmService.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    from_address = table.Column<string>(type: "text", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    details = table.Column<string>(type: "json", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_entries", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "audit_heads",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    changed_in = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_heads", x => x.tenant_id);
                });

            migrationBuilder.CreateTable(
                name: "audit_inbox",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    arrival = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    from_address = table.Column<string>(type: "text", nullable: false),
                    trace_id = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    details = table.Column<string>(type: "json", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_inbox", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "audit_links",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_sequence = table.Column<long>(type: "bigint", nullable: false),
                    first_sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_links", x => new { x.tenant_id, x.last_sequence });
                });

            migrationBuilder.CreateTable(
                name: "audit_queue",
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
                    table.PrimaryKey("pk_audit_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "channel_queue",
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
                    table.PrimaryKey("pk_channel_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "channels",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    connection_id = table.Column<string>(type: "text", nullable: false),
                    zoho_id = table.Column<string>(type: "text", nullable: false),
                    token_sha256 = table.Column<byte[]>(type: "bytea", nullable: true),
                    next_tokens_sha256 = table.Column<byte[][]>(type: "bytea[]", nullable: false),
                    made_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    is_doubted = table.Column<bool>(type: "boolean", nullable: false),
                    modules = table.Column<string[]>(type: "text[]", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    notified_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    code = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_channels", x => new { x.tenant_id, x.id });
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
                name: "event_outbox",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    occurred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    data = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_event_outbox", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "event_queue",
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
                    table.PrimaryKey("pk_event_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "feed_records",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    feed_id = table.Column<Guid>(type: "uuid", nullable: false),
                    record_id = table.Column<string>(type: "text", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    modified_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feed_records", x => new { x.tenant_id, x.feed_id, x.record_id });
                });

            migrationBuilder.CreateTable(
                name: "feeds",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    connection_id = table.Column<string>(type: "text", nullable: false),
                    module = table.Column<string>(type: "text", nullable: false),
                    fields = table.Column<string[]>(type: "text[]", nullable: false),
                    missing_fields = table.Column<string[]>(type: "text[]", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    notified_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feeds", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "subscriptions",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    feed_id = table.Column<Guid>(type: "uuid", nullable: false),
                    subscriber = table.Column<string>(type: "text", nullable: false),
                    connection_id = table.Column<string>(type: "text", nullable: false),
                    module = table.Column<string>(type: "text", nullable: false),
                    fields = table.Column<string[]>(type: "text[]", nullable: false),
                    from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_subscriptions", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_action_at_sequence",
                table: "audit_entries",
                columns: new[] { "tenant_id", "action", "at", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_at_sequence",
                table: "audit_entries",
                columns: new[] { "tenant_id", "at", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_sequence",
                table: "audit_entries",
                columns: new[] { "tenant_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_subject_at_sequence",
                table: "audit_entries",
                columns: new[] { "tenant_id", "subject", "at", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_tenant_id_trace_id",
                table: "audit_entries",
                columns: new[] { "tenant_id", "trace_id" },
                filter: "trace_id <> ''");

            migrationBuilder.CreateIndex(
                name: "ix_audit_heads_changed_in",
                table: "audit_heads",
                column: "changed_in");

            migrationBuilder.CreateIndex(
                name: "ix_audit_inbox_tenant_id_at_arrival",
                table: "audit_inbox",
                columns: new[] { "tenant_id", "at", "arrival" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_queue_claimed_until",
                table: "audit_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_queue_due_at",
                table: "audit_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_channel_queue_claimed_until",
                table: "channel_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_channel_queue_due_at",
                table: "channel_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_channel_queue_id",
                table: "channel_queue",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_channels_tenant_id_connection_id",
                table: "channels",
                columns: new[] { "tenant_id", "connection_id" },
                unique: true);

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

            migrationBuilder.CreateIndex(
                name: "ix_event_queue_claimed_until",
                table: "event_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_event_queue_due_at",
                table: "event_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_feed_records_tenant_id_feed_id_position",
                table: "feed_records",
                columns: new[] { "tenant_id", "feed_id", "position" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_feeds_tenant_id_connection_id_module",
                table: "feeds",
                columns: new[] { "tenant_id", "connection_id", "module" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_subscriptions_tenant_id_feed_id_subscriber",
                table: "subscriptions",
                columns: new[] { "tenant_id", "feed_id", "subscriber" },
                unique: true);

            migrationBuilder.IsolateTenants(except:
                ["channel_queue", .. CopyTables.WithoutContent, .. EventOutbox.WithoutContent, .. AuditTables.WithoutContent]);
            migrationBuilder.GuardAudit();
            migrationBuilder.SignalWork("channel_queue");
            migrationBuilder.SignalCopies();
            migrationBuilder.QueueEvents();
            migrationBuilder.SayFeedChanges();
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.DropTable(
                name: "audit_heads");

            migrationBuilder.DropTable(
                name: "audit_inbox");

            migrationBuilder.DropTable(
                name: "audit_links");

            migrationBuilder.DropTable(
                name: "audit_queue");

            migrationBuilder.DropTable(
                name: "channel_queue");

            migrationBuilder.DropTable(
                name: "channels");

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
                name: "event_outbox");

            migrationBuilder.DropTable(
                name: "event_queue");

            migrationBuilder.DropTable(
                name: "feed_records");

            migrationBuilder.DropTable(
                name: "feeds");

            migrationBuilder.DropTable(
                name: "subscriptions");
        }
    }
}
