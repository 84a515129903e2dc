using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>The channels by which Zoho tells of changes, and what it tells.</summary>
internal sealed class ChannelStore(TenantDb<CrmDbContext> db, Copies<CrmDbContext> copies, TimeProvider clock)
{
    private const int TokenBytes = 24;

    private static readonly TimeSpan MadeAnewAfter = TimeSpan.FromHours(1);

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>32 characters; Zoho takes 50.</summary>
    public static string NewToken() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>
    /// What is followed through a connection is otherwise now: its channel is looked at when the transaction of <paramref name="context"/> commits, and
    /// made where there is none.
    /// </summary>
    public async Task LookNowAsync(CrmDbContext context, string connectionId, CancellationToken cancellationToken)
    {
        var channel = await context.Channels.SingleOrDefaultAsync(row => row.ConnectionId == connectionId, cancellationToken);
        if (channel is null)
        {
            channel = new ChannelRow
            {
                TenantId = context.Tenant,
                Id = new Guid(RandomNumberGenerator.GetBytes(16)),
                ConnectionId = connectionId,
                // 63 bits: no two of ours are one, and none is another program's
                ZohoId = (BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue)
                    .ToString(CultureInfo.InvariantCulture),
                Modules = [],
                NextTokensSha256 = [],
            };
            context.Channels.Add(channel);
            await context.SaveChangesAsync(cancellationToken);
        }

        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO channel_queue (tenant_id, id, due_at) VALUES ({context.Tenant.Value}, {channel.Id}, {clock.GetUtcNow()})
            ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = least(channel_queue.due_at, excluded.due_at)
            """,
            cancellationToken);
    }

    /// <summary>
    /// Notes what Zoho says that has changed. False where there is no such channel, or its token is another one.
    /// </summary>
    public async Task<bool> NoteAsync(Guid channelId, Notification notification, CancellationToken cancellationToken)
    {
        if (await TenantOfAsync(channelId, cancellationToken) is not { } tenant)
        {
            return false;
        }

        Guid feedId;
        await using (var context = db.For(tenant))
        {
            var channel = await context.Channels.SingleOrDefaultAsync(row => row.Id == channelId, cancellationToken);
            var now = clock.GetUtcNow();
            if (channel is null)
            {
                return false;
            }

            if (!IsOf(channel, notification.Token))
            {
                // whoever knows the address and not the token may be Zoho with one that a lost renewal brought: it is made anew, an hour after the last time
                await context.ChannelQueue
                    .Where(row => row.TenantId == tenant && row.Id == channelId && channel.MadeAt < now - MadeAnewAfter && row.DueAt > now)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now), cancellationToken);
                await context.Channels.Where(row => row.Id == channelId && row.MadeAt < now - MadeAnewAfter)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.IsDoubted, true), cancellationToken);
                return false;
            }

            channel.NotifiedAt = now;
            var feed = await context.Feeds
                .SingleOrDefaultAsync(row => row.ConnectionId == channel.ConnectionId && row.Module == notification.Module, cancellationToken);
            if (feed is not null)
            {
                feed.NotifiedAt = now;
            }

            await context.SaveChangesAsync(cancellationToken);
            if (feed is null)
            {
                // of a module that is followed no more
                return true;
            }

            feedId = feed.Id;
        }

        await copies.NoteChangedAsync(tenant, feedId, notification.Ids, cancellationToken);
        return true;
    }

    private static bool IsOf(ChannelRow channel, string token)
    {
        var hash = Hash(token);
        var isCurrent = CryptographicOperations.FixedTimeEquals(hash, channel.TokenSha256 ?? []);
        var isNext = channel.NextTokensSha256.Aggregate(false, (known, next) => CryptographicOperations.FixedTimeEquals(hash, next) | known);
        return isCurrent || isNext;
    }

    private async Task<TenantId?> TenantOfAsync(Guid channelId, CancellationToken cancellationToken)
    {
        await using var context = db.ForNoTenant();
        return (await context.ChannelQueue.AsNoTracking().SingleOrDefaultAsync(row => row.Id == channelId, cancellationToken))?.TenantId;
    }
}
