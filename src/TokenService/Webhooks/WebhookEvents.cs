using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Webhooks;

/// <summary>Makes events and puts them where a worker finds them, in the transaction of what they tell of.</summary>
internal static class WebhookEvents
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>One delivery for each webhook that wants it.</summary>
    public static async Task AddAsync(
        TokensDbContext context, Guid connection, string cause, string message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var type = EventTypes.Of(cause);
        var receivers = await context.Webhooks
            .Where(webhook => webhook.DisabledAt == null && webhook.EventTypes.Contains(type))
            .Select(webhook => webhook.Id)
            .ToListAsync(cancellationToken);
        if (receivers.Count == 0)
        {
            return;
        }

        var about = await context.Connections.AsNoTracking()
            .Where(row => row.Id == connection)
            .Select(row => new { row.Id, row.Provider, row.Owner, row.DataCentre, row.State, row.Features })
            .SingleAsync(cancellationToken);
        var data = new
        {
            connection = new
            {
                id = about.Id,
                provider = about.Provider,
                owner = about.Owner,
                data_centre = about.DataCentre,
                state = NameOf(about.State),
                features = about.Features,
            },
            message,
        };
        var (id, body) = NewEvent(type, data, now);
        await context.WebhookDeliveries.Where(old => old.EndedAt < now - Kept).ExecuteDeleteAsync(cancellationToken);
        foreach (var receiver in receivers)
        {
            Add(context, receiver, id, type, body, now, dueAt: now);
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A test, for the worker from <paramref name="dueAt"/> on; the delivery's id. The caller saves.</summary>
    public static Guid AddTest(TokensDbContext context, Guid webhook, DateTimeOffset now, DateTimeOffset dueAt)
    {
        var (id, body) = NewEvent(EventTypes.Test, new { message = "The receiver is reached." }, now);
        return Add(context, webhook, id, EventTypes.Test, body, now, dueAt);
    }

    private static (Guid Id, string Body) NewEvent(string type, object data, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return (id, JsonSerializer.Serialize(new { id, type, occurred_at = now, data }, JsonOptions));
    }

    private static Guid Add(
        TokensDbContext context, Guid webhook, Guid eventId, string type, string body, DateTimeOffset now, DateTimeOffset dueAt)
    {
        var id = Guid.CreateVersion7(now);
        context.WebhookDeliveries.Add(new DeliveryRow
        {
            TenantId = context.Tenant,
            Id = id,
            WebhookId = webhook,
            EventId = eventId,
            EventType = type,
            Body = body,
            State = WebhookDeliveryState.Pending,
            CreatedAt = now,
        });
        context.WebhookQueue.Add(new QueuedDelivery { TenantId = context.Tenant, Id = id, DueAt = dueAt });
        return id;
    }

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
