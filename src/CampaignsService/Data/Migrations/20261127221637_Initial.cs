using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using ZohoPlatform.Audit;
using ZohoPlatform.Events;
using ZohoPlatform.Sealing;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

#nullable disable

namespace ZohoPlatform.CampaignsService.Data.Migrations
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
                name: "campaigns_settings",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    list_key = table.Column<string>(type: "text", nullable: true),
                    subject_key = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_campaigns_settings", x => x.tenant_id);
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
                name: "key_ring",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    master_key_id = table.Column<string>(type: "text", nullable: true),
                    name = table.Column<string>(type: "text", nullable: false),
                    xml = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_ring", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "list_contacts",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    copy_id = table.Column<Guid>(type: "uuid", nullable: false),
                    subject = table.Column<byte[]>(type: "bytea", nullable: false),
                    returned_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_list_contacts", x => new { x.tenant_id, x.copy_id, x.subject });
                });

            migrationBuilder.CreateTable(
                name: "opt_out_queue",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_opt_out_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "opt_outs",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    subject = table.Column<byte[]>(type: "bytea", nullable: false),
                    list_key = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<int>(type: "integer", nullable: false),
                    email = table.Column<string>(type: "text", nullable: true),
                    opted_out_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    tell_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_opt_outs", x => new { x.tenant_id, x.subject, x.list_key, x.reason });
                });

            migrationBuilder.CreateTable(
                name: "push_blocks",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    code = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false),
                    asked_through = table.Column<string>(type: "text", nullable: true),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_push_blocks", x => x.tenant_id);
                });

            migrationBuilder.CreateTable(
                name: "push_gates",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    opens_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_push_gates", x => x.tenant_id);
                });

            migrationBuilder.CreateTable(
                name: "registration_queue",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    gate_failures = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    in_doubt = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    subject = table.Column<byte[]>(type: "bytea", nullable: false),
                    trace_parent = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_registration_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "registrations",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    idempotency_key = table.Column<string>(type: "text", nullable: true),
                    subject = table.Column<byte[]>(type: "bytea", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    code = table.Column<string>(type: "text", nullable: true),
                    message = table.Column<string>(type: "text", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    connection_id = table.Column<string>(type: "text", nullable: true),
                    account_name = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    category = table.Column<string>(type: "text", nullable: true),
                    company = table.Column<string>(type: "text", nullable: true),
                    country = table.Column<string>(type: "text", nullable: true),
                    email = table.Column<string>(type: "text", nullable: false),
                    first_name = table.Column<string>(type: "text", nullable: true),
                    last_name = table.Column<string>(type: "text", nullable: true),
                    phone = table.Column<string>(type: "text", nullable: true),
                    preferred_language = table.Column<string>(type: "text", nullable: true),
                    production_type = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_registrations", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "retention_queue",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_retention_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "sealing_tenants",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sealing_tenants", x => x.tenant_id);
                });

            migrationBuilder.CreateTable(
                name: "subscriptions",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    subject = table.Column<byte[]>(type: "bytea", nullable: false),
                    list_key = table.Column<string>(type: "text", nullable: false),
                    confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    subscribed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_subscriptions", x => new { x.tenant_id, x.subject, x.list_key });
                });

            migrationBuilder.CreateTable(
                name: "sync_expiry",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sync_expiry", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "sync_uploads",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    columns = table.Column<string[]>(type: "text[]", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sync_uploads", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "sync_work",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sync_work", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "syncs",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    idempotency_key = table.Column<string>(type: "text", nullable: true),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    upload_id = table.Column<Guid>(type: "uuid", nullable: true),
                    table_rows = table.Column<string>(type: "text", nullable: true),
                    key_column = table.Column<string>(type: "text", nullable: true),
                    key_type = table.Column<string>(type: "text", nullable: true),
                    sealed_connection = table.Column<byte[]>(type: "bytea", nullable: true),
                    list_key = table.Column<string>(type: "text", nullable: false),
                    dry_run = table.Column<bool>(type: "boolean", nullable: false),
                    row_limit = table.Column<long>(type: "bigint", nullable: false),
                    rate = table.Column<int>(type: "integer", nullable: false),
                    mapping = table.Column<string>(type: "jsonb", nullable: false),
                    unmapped = table.Column<string[]>(type: "text[]", nullable: false),
                    filters = table.Column<string>(type: "jsonb", nullable: false),
                    ignored_columns = table.Column<string[]>(type: "text[]", nullable: false),
                    consent_columns = table.Column<string[]>(type: "text[]", nullable: false),
                    consent_reason = table.Column<string>(type: "text", nullable: true),
                    consent_by = table.Column<string>(type: "text", nullable: true),
                    created_by = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    prepared = table.Column<bool>(type: "boolean", nullable: false),
                    fields_checked = table.Column<bool>(type: "boolean", nullable: false),
                    source_key = table.Column<string>(type: "text", nullable: true),
                    source_read = table.Column<bool>(type: "boolean", nullable: false),
                    list_asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    code = table.Column<string>(type: "text", nullable: true),
                    message = table.Column<string>(type: "text", nullable: true),
                    waits_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    total = table.Column<long>(type: "bigint", nullable: false),
                    added = table.Column<long>(type: "bigint", nullable: false),
                    updated = table.Column<long>(type: "bigint", nullable: false),
                    existing = table.Column<long>(type: "bigint", nullable: false),
                    suppressed = table.Column<long>(type: "bigint", nullable: false),
                    invalid = table.Column<long>(type: "bigint", nullable: false),
                    duplicate = table.Column<long>(type: "bigint", nullable: false),
                    errors = table.Column<long>(type: "bigint", nullable: false),
                    filtered = table.Column<long>(type: "bigint", nullable: false),
                    confirmation_sent = table.Column<long>(type: "bigint", nullable: false),
                    sends_confirmations = table.Column<bool>(type: "boolean", nullable: false),
                    connection_id = table.Column<string>(type: "text", nullable: true),
                    account_name = table.Column<string>(type: "text", nullable: true),
                    calls = table.Column<long>(type: "bigint", nullable: false),
                    contacts_per_minute = table.Column<double>(type: "double precision", nullable: false),
                    @event = table.Column<long>(name: "event", type: "bigint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_syncs", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "upload_queue",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    claimed_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_upload_queue", x => new { x.tenant_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "sync_upload_packs",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    upload_id = table.Column<Guid>(type: "uuid", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    rows = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sync_upload_packs", x => new { x.tenant_id, x.upload_id, x.position });
                    table.ForeignKey(
                        name: "fk_sync_upload_packs_sync_uploads_tenant_id_upload_id",
                        columns: x => new { x.tenant_id, x.upload_id },
                        principalTable: "sync_uploads",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sync_contacts",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sync_id = table.Column<Guid>(type: "uuid", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    code = table.Column<string>(type: "text", nullable: true),
                    email = table.Column<string>(type: "text", nullable: false),
                    @event = table.Column<long>(name: "event", type: "bigint", nullable: false),
                    fields = table.Column<string>(type: "jsonb", nullable: true),
                    in_doubt = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    key = table.Column<string>(type: "text", nullable: true),
                    message = table.Column<string>(type: "text", nullable: true),
                    on_list = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    outcome = table.Column<int>(type: "integer", nullable: false),
                    resubscribe = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    retry_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    run = table.Column<Guid>(type: "uuid", nullable: true),
                    subject = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sync_contacts", x => new { x.tenant_id, x.sync_id, x.position });
                    table.ForeignKey(
                        name: "fk_sync_contacts_syncs_tenant_id_sync_id",
                        columns: x => new { x.tenant_id, x.sync_id },
                        principalTable: "syncs",
                        principalColumns: new[] { "tenant_id", "id" },
                        onDelete: ReferentialAction.Cascade);
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
                name: "ix_opt_out_queue_claimed_until",
                table: "opt_out_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_opt_out_queue_due_at",
                table: "opt_out_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_opt_out_queue_tenant_id",
                table: "opt_out_queue",
                column: "tenant_id",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_opt_out_queue_tenant_id_due_at",
                table: "opt_out_queue",
                columns: new[] { "tenant_id", "due_at" });

            migrationBuilder.CreateIndex(
                name: "ix_opt_outs_tenant_id_tell_id",
                table: "opt_outs",
                columns: new[] { "tenant_id", "tell_id" },
                unique: true,
                filter: "tell_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_registration_queue_claimed_until",
                table: "registration_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_registration_queue_due_at",
                table: "registration_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_registration_queue_tenant_id",
                table: "registration_queue",
                column: "tenant_id",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_registration_queue_tenant_id_due_at_sequence",
                table: "registration_queue",
                columns: new[] { "tenant_id", "due_at", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_registration_queue_tenant_id_subject_sequence",
                table: "registration_queue",
                columns: new[] { "tenant_id", "subject", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_registrations_tenant_id_idempotency_key",
                table: "registrations",
                columns: new[] { "tenant_id", "idempotency_key" },
                unique: true,
                filter: "idempotency_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_registrations_tenant_id_status_id",
                table: "registrations",
                columns: new[] { "tenant_id", "status", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_registrations_tenant_id_subject",
                table: "registrations",
                columns: new[] { "tenant_id", "subject" });

            migrationBuilder.CreateIndex(
                name: "ix_retention_queue_claimed_until",
                table: "retention_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_retention_queue_due_at",
                table: "retention_queue",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_sync_contacts_tenant_id_subject",
                table: "sync_contacts",
                columns: new[] { "tenant_id", "subject" },
                filter: "subject IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sync_contacts_tenant_id_sync_id_event_position",
                table: "sync_contacts",
                columns: new[] { "tenant_id", "sync_id", "event", "position" },
                descending: new[] { false, false, true, true });

            migrationBuilder.CreateIndex(
                name: "ix_sync_contacts_tenant_id_sync_id_key",
                table: "sync_contacts",
                columns: new[] { "tenant_id", "sync_id", "key" });

            migrationBuilder.CreateIndex(
                name: "ix_sync_contacts_tenant_id_sync_id_outcome_position",
                table: "sync_contacts",
                columns: new[] { "tenant_id", "sync_id", "outcome", "position" });

            migrationBuilder.CreateIndex(
                name: "ix_sync_expiry_claimed_until",
                table: "sync_expiry",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sync_expiry_due_at",
                table: "sync_expiry",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_sync_work_claimed_until",
                table: "sync_work",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sync_work_due_at",
                table: "sync_work",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "ix_sync_work_tenant_id",
                table: "sync_work",
                column: "tenant_id",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sync_work_tenant_id_due_at",
                table: "sync_work",
                columns: new[] { "tenant_id", "due_at" });

            migrationBuilder.CreateIndex(
                name: "ix_syncs_tenant_id_idempotency_key",
                table: "syncs",
                columns: new[] { "tenant_id", "idempotency_key" },
                unique: true,
                filter: "idempotency_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_upload_queue_claimed_until",
                table: "upload_queue",
                column: "claimed_until",
                filter: "claimed_by IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_upload_queue_due_at",
                table: "upload_queue",
                column: "due_at");

            migrationBuilder.IsolateTenants(
                except:
                [
                    .. AuditTables.WithoutContent, .. EventOutbox.WithoutContent, .. SealingModel.WithoutContent, .. CopyTables.WithoutContent,
                    "registration_queue", "push_gates", "opt_out_queue", "sync_work", "sync_expiry", "upload_queue", "retention_queue",
                ]);
            migrationBuilder.GuardAudit();
            migrationBuilder.NoteSealing("syncs");
            migrationBuilder.SignalWork("registration_queue", "opt_out_queue", "sync_work", "sync_expiry", "upload_queue", "retention_queue");
            migrationBuilder.ReadOptOutsAfresh();
            migrationBuilder.QueueRetention();
            migrationBuilder.QueueEvents();
            migrationBuilder.SaySyncChanges();
            migrationBuilder.SignalCopies();
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
                name: "campaigns_settings");

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
                name: "key_ring");

            migrationBuilder.DropTable(
                name: "list_contacts");

            migrationBuilder.DropTable(
                name: "opt_out_queue");

            migrationBuilder.DropTable(
                name: "opt_outs");

            migrationBuilder.DropTable(
                name: "push_blocks");

            migrationBuilder.DropTable(
                name: "push_gates");

            migrationBuilder.DropTable(
                name: "registration_queue");

            migrationBuilder.DropTable(
                name: "registrations");

            migrationBuilder.DropTable(
                name: "retention_queue");

            migrationBuilder.DropTable(
                name: "sealing_tenants");

            migrationBuilder.DropTable(
                name: "subscriptions");

            migrationBuilder.DropTable(
                name: "sync_contacts");

            migrationBuilder.DropTable(
                name: "sync_expiry");

            migrationBuilder.DropTable(
                name: "sync_upload_packs");

            migrationBuilder.DropTable(
                name: "sync_work");

            migrationBuilder.DropTable(
                name: "upload_queue");

            migrationBuilder.DropTable(
                name: "syncs");

            migrationBuilder.DropTable(
                name: "sync_uploads");
        }
    }
}
