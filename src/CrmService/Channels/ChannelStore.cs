using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>The channels by which Zoho tells of changes, and what it tells.</summary>
internal sealed class ChannelStore(
    TenantDb<CrmDbContext> db, Copies<CrmDbContext> copies, IOptions<ChannelOptions> options, TimeProvider clock)
{
    private const int TokenBytes = 24;

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>32 characters; Zoho takes 50.</summary>
    public static string NewToken() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>
    /// What is followed through a connection is otherwise now: its channel is looked at when the transaction of <paramref name="context"/> commits, and
    /// made where there is none.
    /// </summary>
    public async Task LookNowAsync(CrmDbContext context, string connectionId, CancellationToken cancellationToken)
    {
        if (!options.Value.IsReachable)
        {
            return;
        }

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
            };
            context.Channels.Add(channel);
            await context.SaveChangesAsync(cancellationToken);
        }

        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO channel_queue (tenant_id, id, due_at) VALUES ({context.Tenant.Value}, {channel.Id}, {clock.GetUtcNow()})
            ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = excluded.due_at, attempts = 0, claimed_by = NULL, claimed_until = NULL
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
            if (channel is null || !IsOf(channel, notification.Token))
            {
                return false;
            }

            var now = clock.GetUtcNow();
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
        var isNext = CryptographicOperations.FixedTimeEquals(hash, channel.NextTokenSha256 ?? []);
        return isCurrent || isNext;
    }

    private async Task<TenantId?> TenantOfAsync(Guid channelId, CancellationToken cancellationToken)
    {
        await using var context = db.ForNoTenant();
        return (await context.ChannelQueue.AsNoTracking().SingleOrDefaultAsync(row => row.Id == channelId, cancellationToken))?.TenantId;
    }
}
