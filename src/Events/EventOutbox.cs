using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using NpgsqlTypes;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Events;

/// <summary>An event on its way out: written with the change that it tells of, deleted once it was taken.</summary>
internal sealed class OutboxRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required string Subject { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Data { get; init; }
}

/// <summary>Says that a tenant has events to hand over: one row for all of them, under the tenant's own id.</summary>
internal sealed class QueuedEvents : QueuedWork;

/// <summary>The table of events that are on their way out, and the way into it.</summary>
public static class EventOutbox
{
    /// <summary>Which tenants have something there, which is read before the tenant is known: an exception of <c>IsolateTenants</c>.</summary>
    public static readonly IReadOnlyList<string> WithoutContent = [Queue];

    internal const string Queue = "event_queue";

    /// <summary>The longest subject that is told.</summary>
    public const int LongestSubject = 200;

    /// <summary>The most that an event says, in bytes of UTF-8.</summary>
    public const int MostData = 16 * 1024;

    private const string Table = "event_outbox";

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    extension(ModelBuilder model)
    {
        /// <summary>The outbox's two tables.</summary>
        public void AddEventOutbox()
        {
            model.Entity<OutboxRow>().ToTable(Table).HasKey(row => new { row.TenantId, row.Id });
            model.AddWorkQueue<QueuedEvents>().ToTable(Queue);
        }
    }

    extension(MigrationBuilder migration)
    {
        /// <summary>
        /// Queues a tenant when one of its events is committed. Not before: two changes of a tenant that are under way at once would wait for each
        /// other's end. Whoever hands over is told of it at once.
        /// </summary>
        public void QueueEvents()
        {
            migration.Sql(
                $"""
                CREATE FUNCTION queue_events() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    -- an update that changes nothing: whoever takes the tenant out waits for this transaction and then sees its event
                    INSERT INTO {Queue} (tenant_id, id, due_at) VALUES (NEW.tenant_id, NEW.tenant_id, NEW.occurred_at)
                    ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = {Queue}.due_at;
                    RETURN NULL;
                END $$;
                CREATE CONSTRAINT TRIGGER queue_events AFTER INSERT ON {Table} DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION queue_events();
                """);
            migration.SignalWork(Queue);
        }
    }

    extension(TenantDbContext context)
    {
        /// <summary>Has it told that this has happened to the context's tenant, if the transaction that the context is in commits.</summary>
        /// <inheritdoc cref="RaiseAsync(NpgsqlConnection, TenantId, EventType, string, object, DateTimeOffset, CancellationToken)"/>
        public async Task RaiseAsync(EventType type, string subject, object data, DateTimeOffset now, CancellationToken cancellationToken)
        {
            await context.Database.OpenConnectionAsync(cancellationToken);
            try
            {
                await ((NpgsqlConnection)context.Database.GetDbConnection()).RaiseAsync(
                    context.Tenant, type, subject, data, now, cancellationToken);
            }
            finally
            {
                await context.Database.CloseConnectionAsync();
            }
        }
    }

    extension(NpgsqlConnection connection)
    {
        /// <summary>Has it told that this has happened to the tenant that the connection works for, if its transaction commits.</summary>
        /// <param name="tenant">The connection's.</param>
        /// <param name="type">One of <see cref="EventCatalogue"/>.</param>
        /// <param name="subject">What it is about, as subscriptions may name it: <c>connection:{id}</c>.</param>
        /// <param name="data">Becomes a JSON object. No secret and nothing of a person: it leaves the platform.</param>
        /// <param name="now">When it happened.</param>
        /// <param name="cancellationToken">Of the caller.</param>
        /// <exception cref="ArgumentOutOfRangeException">The subject or the data is too long: nobody would take it.</exception>
        public async Task RaiseAsync(
            TenantId tenant, EventType type, string subject, object data, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var json = JsonSerializer.Serialize(data, JsonOptions);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(subject.Length, LongestSubject, nameof(subject));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(json), MostData, nameof(data));

            await using var insert = new NpgsqlCommand(
                $"INSERT INTO {Table} (tenant_id, id, type, occurred_at, subject, data) VALUES ($1, $2, $3, $4, $5, $6)", connection);
            insert.Parameters.Add(new NpgsqlParameter { Value = tenant.Value });
            insert.Parameters.Add(new NpgsqlParameter { Value = Guid.CreateVersion7(now) });
            insert.Parameters.Add(new NpgsqlParameter { Value = type.Name });
            insert.Parameters.Add(new NpgsqlParameter { Value = now, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            insert.Parameters.Add(new NpgsqlParameter { Value = subject });
            insert.Parameters.Add(new NpgsqlParameter { Value = json });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
