using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.Events;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.WebhookService.Data;
using ZohoPlatform.WebhookService.Receivers;

namespace ZohoPlatform.WebhookService.Subscriptions;

/// <summary>A tenant's webhooks.</summary>
internal sealed class WebhookStore(
    TenantDb<WebhooksDbContext> db, ReceiverAddresses addresses, Seals seals, TimeProvider clock)
{
    public const int Most = 10;

    private const int MostSubjects = 20;

    private static readonly TimeSpan UsualOverlap = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(7);

    public async Task<Result<CreateWebhookResponse>> CreateAsync(
        Caller caller, CreateWebhookRequest request, CancellationToken cancellationToken)
    {
        if ((ProblemOf(request.Url) ?? ProblemOf(request.EventTypes) ?? SubjectsProblemOf(request.Subjects)) is { } problem)
        {
            return problem;
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two that are made at once, the second is counted too
        await context.LockAsync($"webhooks {caller.Tenant}", cancellationToken);
        if (await context.Webhooks.CountAsync(cancellationToken) >= Most)
        {
            return WebhookFailures.TooMany;
        }

        var now = clock.GetUtcNow();
        var (id, secret) = (Guid.CreateVersion7(now), WebhookSender.NewSecret());
        var row = new WebhookRow
        {
            TenantId = caller.Tenant,
            Id = id,
            Url = request.Url,
            EventTypes =
            [
                .. request.EventTypes.Count == 0
                    ? EventCatalogue.All.Where(type => type.NeedsPerson).Select(type => type.Name)
                    : request.EventTypes.Distinct(StringComparer.Ordinal),
            ],
            Subjects = [.. request.Subjects.Distinct(StringComparer.Ordinal)],
            SecretSealed = seals.Seal(WebhookRow.PlaceOf(caller.Tenant, id), secret),
            CreatedAt = now,
        };
        context.Webhooks.Add(row);
        context.Audit(AuditEntry.Of(caller, now, AuditActions.WebhookCreated, SubjectOf(id), DetailsOf(row)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateWebhookResponse { Webhook = ToMessage(row), Secret = secret };
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<Webhook>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        var rows = await context.Webhooks.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken);
        return [.. rows.Select(ToMessage)];
    }

    public async Task<Result<Webhook>> GetAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await context.Webhooks.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row
            ? ToMessage(row)
            : WebhookFailures.NotFound;
    }

    /// <summary>What the request has is changed, the rest stays.</summary>
    public async Task<Result<Webhook>> UpdateAsync(
        Caller caller, Guid id, UpdateWebhookRequest request, CancellationToken cancellationToken)
    {
        var (url, types, subjects) = (request.HasUrl ? request.Url : null, request.EventTypes?.Names_, request.Subjects?.Names_);
        var problem = (url is null ? null : ProblemOf(url)) ?? (subjects is null ? null : SubjectsProblemOf(subjects))
            ?? types switch
            {
                null => null,
                { Count: 0 } => Failure.InvalidField("event_types", "event_types must name one at least: delete the webhook to be told of nothing."),
                _ => ProblemOf(types),
            };
        if (problem is not null)
        {
            return problem;
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two changes at once the second one goes on from the first
        var rows = await context.Webhooks.FromSql($"SELECT * FROM webhooks WHERE id = {id} FOR UPDATE").ToListAsync(cancellationToken);
        if (rows is not [var row])
        {
            return WebhookFailures.NotFound;
        }

        row.Url = url ?? row.Url;
        row.EventTypes = types is null ? row.EventTypes : [.. types.Distinct(StringComparer.Ordinal)];
        row.Subjects = subjects is null ? row.Subjects : [.. subjects.Distinct(StringComparer.Ordinal)];
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.WebhookChanged, SubjectOf(id), DetailsOf(row)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ToMessage(row);
    }

    /// <summary>Null when it is gone, with its deliveries; what is queued of them goes when a worker meets it.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Webhooks.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row
            || await context.Webhooks.Where(known => known.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return WebhookFailures.NotFound;
        }

        context.Entry(row).State = EntityState.Detached;
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.WebhookDeleted, SubjectOf(id), DetailsOf(row)));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>A new secret; the present one signs beside it until the overlap is over, and one that was before it ends now.</summary>
    public async Task<Result<RotateSecretResponse>> RotateAsync(
        Caller caller, Guid id, TimeSpan? overlap, CancellationToken cancellationToken)
    {
        var lasts = overlap ?? UsualOverlap;
        if (lasts < TimeSpan.Zero || lasts > LongestOverlap)
        {
            return Failure.InvalidField("overlap_seconds", $"overlap_seconds must be 0 to {LongestOverlap.TotalSeconds:0}.");
        }

        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // of two rotations at once the second one turns the first one's secret into the one before
        var rows = await context.Webhooks.FromSql($"SELECT * FROM webhooks WHERE id = {id} FOR UPDATE").ToListAsync(cancellationToken);
        if (rows is not [var row])
        {
            return WebhookFailures.NotFound;
        }

        var secret = WebhookSender.NewSecret();
        var before = seals.Open(WebhookRow.PlaceOf(caller.Tenant, id), row.SecretSealed);
        var endsAt = clock.GetUtcNow() + lasts;
        row.PreviousSecretSealed = lasts > TimeSpan.Zero ? seals.Seal(WebhookRow.PreviousPlaceOf(caller.Tenant, id), before) : null;
        row.PreviousSecretEndsAt = lasts > TimeSpan.Zero ? endsAt : null;
        row.SecretSealed = seals.Seal(WebhookRow.PlaceOf(caller.Tenant, id), secret);
        context.Audit(AuditEntry.Of(
            caller, clock.GetUtcNow(), AuditActions.WebhookSecretRotated, SubjectOf(id), new { previous_ends_at = endsAt }));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RotateSecretResponse { Webhook = ToMessage(row), Secret = secret };
    }

    /// <summary>As the audit names it.</summary>
    public static string SubjectOf(Guid id) => $"webhook:{id}";

    private Failure? ProblemOf(string url) => addresses.Problem(url) is { } problem ? Failure.InvalidField("url", problem) : null;

    private static Failure? ProblemOf(RepeatedField<string> eventTypes)
    {
        var known = EventCatalogue.All.Select(type => type.Name).ToList();
        return eventTypes.All(type => known.Contains(type, StringComparer.Ordinal))
            ? null
            : Failure.InvalidField("event_types", $"event_types may hold {string.Join(", ", known)}.");
    }

    private static Failure? SubjectsProblemOf(RepeatedField<string> subjects) => subjects.Count > MostSubjects
        || subjects.Any(subject => subject.Length is 0 or > EventOutbox.LongestSubject || subject.Any(char.IsControl))
        ? Failure.InvalidField(
            "subjects",
            $"subjects holds at most {MostSubjects} of 1 to {EventOutbox.LongestSubject} characters, such as connection:{{id}} or sync:{{id}}.")
        : null;

    // an address may hold a secret in its path: of it only the host is written down
    private static object DetailsOf(WebhookRow row) =>
        new { host = new Uri(row.Url).Authority, event_types = row.EventTypes, subjects = row.Subjects };

    private Webhook ToMessage(WebhookRow row) => new()
    {
        Id = row.Id.ToString(),
        Url = row.Url,
        EventTypes = { row.EventTypes },
        Subjects = { row.Subjects },
        CreatedAt = row.CreatedAt.ToTimestamp(),
        FirstFailedAt = row.FailingSince?.ToTimestamp(),
        DisabledAt = row.DisabledAt?.ToTimestamp(),
        DisabledReason = row.DisabledReason,
        PreviousSecretEndsAt = row.PreviousSecretEndsAt is { } endsAt && clock.GetUtcNow() < endsAt ? endsAt.ToTimestamp() : null,
    };
}
