using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Events;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Data;
using ZohoPlatform.WebhookService.Deliveries;

namespace ZohoPlatform.WebhookService.Intake;

/// <summary>An event as a service hands it over.</summary>
internal sealed record RaisedEvent(Guid Id, string Type, DateTimeOffset OccurredAt, string Subject, JsonObject Data);

/// <summary>Stores what services hand over, each event once, and makes a delivery of it for every webhook that wants it.</summary>
internal sealed partial class EventIntake(TenantDb<WebhooksDbContext> db, TimeProvider clock, ILogger<EventIntake> logger)
{
    // deliveries after they ended; events as long, so that one which is handed over again is known
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public async Task TakeAsync(Caller caller, IReadOnlyList<RaisedEvent> events, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(caller.Tenant);
        await SweepAsync(context, now, cancellationToken);

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var added = await StoreAsync(context, caller, events, now, cancellationToken);
        var webhooks = await context.Webhooks.AsNoTracking()
            .Where(webhook => webhook.DisabledAt == null)
            .Select(webhook => new { webhook.Id, webhook.EventTypes, webhook.Subjects })
            .ToListAsync(cancellationToken);
        foreach (var told in events.Where(told => added.Remove(told.Id)))
        {
            if (!EventCatalogue.All.Any(type => type.Name == told.Type))
            {
                LogUnknown(told.Type, caller.Subject);
            }

            foreach (var webhook in webhooks.Where(webhook =>
                webhook.EventTypes.Contains(told.Type, StringComparer.Ordinal)
                && (webhook.Subjects.Count == 0 || webhook.Subjects.Contains(told.Subject, StringComparer.Ordinal))))
            {
                context.AddDelivery(webhook.Id, told.Id, told.Type, now, dueAt: now);
            }
        }

        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The ids that were not known before. Of two calls with one id at once, the second waits for the first one's end.</summary>
    private static async Task<HashSet<Guid>> StoreAsync(
        WebhooksDbContext context, Caller caller, IReadOnlyList<RaisedEvent> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // in one order whoever calls: two that share ids do not wait for each other in a circle
        var ordered = events.OrderBy(told => told.Id).ToList();
        return [.. await context.Database.SqlQuery<Guid>(
            $"""
            INSERT INTO events (tenant_id, id, type, subject, body, source, received_at)
            SELECT {context.Tenant.Value}, told.id, told.type, told.subject, told.body, {caller.Subject}, {now}
            FROM unnest({ordered.Select(told => told.Id).ToArray()}, {ordered.Select(told => told.Type).ToArray()},
                {ordered.Select(told => told.Subject).ToArray()}, {ordered.Select(BodyOf).ToArray()}) AS told (id, type, subject, body)
            ON CONFLICT (tenant_id, id) DO NOTHING
            RETURNING id
            """).ToListAsync(cancellationToken)];
    }

    private static string BodyOf(RaisedEvent told) => EventBody.Of(told.Id, told.Type, told.OccurredAt, told.Subject, told.Data);

    /// <summary>What its tenant keeps no longer: ended deliveries, their events, secrets whose overlap is over.</summary>
    private static async Task SweepAsync(WebhooksDbContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - Kept;
        await context.Deliveries.Where(delivery => delivery.EndedAt < before).ExecuteDeleteAsync(cancellationToken);
        await context.Events
            .Where(told => told.ReceivedAt < before && !context.Deliveries.Any(delivery => delivery.EventId == told.Id))
            .ExecuteDeleteAsync(cancellationToken);
        await context.Webhooks.Where(webhook => webhook.PreviousSecretEndsAt <= now).ExecuteUpdateAsync(
            set => set
                .SetProperty(webhook => webhook.PreviousSecretSealed, (byte[]?)null)
                .SetProperty(webhook => webhook.PreviousSecretEndsAt, (DateTimeOffset?)null),
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event of type {Type}, told by {Source}, is not in the catalogue: nobody can want it")]
    private partial void LogUnknown(string type, string source);
}
