using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Channels;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.CrmService.Feeds;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Inbox;

/// <summary>Who subscribes to what: the first subscription makes a feed, the last one takes it along.</summary>
internal sealed class SubscriptionStore(TenantDb<CrmDbContext> db, Copies<CrmDbContext> copies, ChannelStore channels, TimeProvider clock)
{
    public async Task<SubscriptionRow> SubscribeAsync(
        Caller caller, string connectionId, string module, IReadOnlyList<string> fields, DateTimeOffset? from, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // two that subscribe to one module at once, or one that ends: the fields of all have to be read
        await context.LockAsync(LockOf(caller.Tenant, connectionId), cancellationToken);
        var feedId = await copies.MakeAsync(context, ModuleKind.KindName, connectionId, module, cancellationToken);
        var feed = await context.Feeds.SingleOrDefaultAsync(row => row.Id == feedId, cancellationToken);
        if (feed is null)
        {
            feed = new FeedRow
            {
                TenantId = caller.Tenant,
                Id = feedId,
                ConnectionId = connectionId,
                Module = module,
                Fields = [.. fields],
                MissingFields = [],
            };
            context.Feeds.Add(feed);
        }

        var subscription = await context.Subscriptions
            .SingleOrDefaultAsync(row => row.FeedId == feedId && row.Subscriber == caller.Subject, cancellationToken);
        if (subscription is null)
        {
            var now = clock.GetUtcNow();
            subscription = new SubscriptionRow
            {
                TenantId = caller.Tenant,
                Id = Guid.CreateVersion7(now),
                FeedId = feedId,
                Subscriber = caller.Subject,
                ConnectionId = connectionId,
                Module = module,
                Fields = [.. fields],
                From = from,
                CreatedAt = now,
            };
            context.Subscriptions.Add(subscription);
        }
        else
        {
            subscription.Fields = [.. fields];
        }

        await context.SaveChangesAsync(cancellationToken);
        await FitAsync(context, feed, cancellationToken);
        await channels.LookNowAsync(context, connectionId, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return subscription;
    }

    public async Task UnsubscribeAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        if (await FindAsync(context, caller, id, cancellationToken) is not { } subscription)
        {
            return;
        }

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockAsync(LockOf(caller.Tenant, subscription.ConnectionId), cancellationToken);
        await context.Subscriptions.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        if (await context.Subscriptions.AnyAsync(row => row.FeedId == subscription.FeedId, cancellationToken))
        {
            await FitAsync(context, await context.Feeds.SingleAsync(row => row.Id == subscription.FeedId, cancellationToken), cancellationToken);
        }
        else
        {
            // the copy first: who works on it has lost it then, and writes no record behind this
            await context.DeleteCopyAsync(subscription.FeedId, cancellationToken);
            await context.Records.Where(row => row.FeedId == subscription.FeedId).ExecuteDeleteAsync(cancellationToken);
            await context.Feeds.Where(row => row.Id == subscription.FeedId).ExecuteDeleteAsync(cancellationToken);
            await channels.LookNowAsync(context, subscription.ConnectionId, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<SubscriptionRow?> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        return await FindAsync(context, caller, id, cancellationToken);
    }

    /// <summary>
    /// What the subscription has to be told behind a position, up to so many changes and so many characters, and how far the feed is known then.
    /// </summary>
    public async Task<Told> ReadAsync(SubscriptionRow subscription, long after, int most, int mostCharacters, CancellationToken cancellationToken)
    {
        // before the records: what comes in between is told next, and is not claimed to be known
        var asked = await copies.GetAsync(subscription.TenantId, subscription.FeedId, cancellationToken);
        var until = asked.Succeeded(out var copy, out _) ? copy.ChangesUntil : null;
        await using var context = db.For(subscription.TenantId);
        var records = new List<FeedRecordRow>();
        var (characters, hasMore) = (0, false);
        await foreach (var record in context.Records.AsNoTracking()
            .Where(row => row.FeedId == subscription.FeedId && row.Position > after)
            .OrderBy(row => row.Position)
            .Take(most + 1)
            .AsAsyncEnumerable()
            .WithCancellation(cancellationToken))
        {
            if (records.Count == most || characters > mostCharacters)
            {
                hasMore = true;
                break;
            }

            records.Add(record);
            characters += record.Content?.Length ?? 0;
        }

        return new Told(
            [.. records.Where(record => subscription.From is not { } from || record.ModifiedAt >= from)],
            records.Count > 0 ? records[^1].Position : after,
            hasMore,
            hasMore ? null : until);
    }

    // what nobody wants any more is neither read nor kept; what is new is read for all
    private async Task FitAsync(CrmDbContext context, FeedRow feed, CancellationToken cancellationToken)
    {
        var wanted = (await context.Subscriptions.Where(row => row.FeedId == feed.Id).Select(row => row.Fields).ToListAsync(cancellationToken))
            .SelectMany(fields => fields)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (wanted.Except(feed.Fields, StringComparer.Ordinal).Any())
        {
            await copies.ReadAnewAsync(context, feed.Id, cancellationToken);
        }

        if (feed.Fields.Except(wanted, StringComparer.Ordinal).ToArray() is { Length: > 0 } left)
        {
            await context.Database.ExecuteSqlAsync(
                $"UPDATE feed_records SET content = content - {left} WHERE feed_id = {feed.Id} AND content IS NOT NULL", cancellationToken);
        }

        if (!wanted.SequenceEqual(feed.Fields, StringComparer.Ordinal))
        {
            (feed.Fields, feed.MissingFields) = (wanted, [.. feed.MissingFields.Intersect(wanted, StringComparer.Ordinal)]);
            await context.SaveChangesAsync(cancellationToken);
        }
    }

    private static string LockOf(TenantId tenant, string connectionId) => $"crm-subscriptions:{tenant}:{connectionId}";

    private static Task<SubscriptionRow?> FindAsync(CrmDbContext context, Caller caller, Guid id, CancellationToken cancellationToken) =>
        context.Subscriptions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Subscriber == caller.Subject, cancellationToken);
}

/// <summary>A page of what a subscription is told.</summary>
/// <param name="Records">Those that it wants, by position.</param>
/// <param name="Position">Of the last that was looked at.</param>
/// <param name="HasMore">Whether the next page is there already.</param>
/// <param name="KnownUntil">Up to when all is told; null where more follows or nothing is known as a whole.</param>
internal sealed record Told(IReadOnlyList<FeedRecordRow> Records, long Position, bool HasMore, DateTimeOffset? KnownUntil);
