using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>
/// Keeps each connection's channel alive: makes it for the modules that are followed, asks Zoho each hour whether it is there still, renews it when half of
/// its life is over, and ends it when nothing is followed any more. What is not told meanwhile is found by looking.
/// </summary>
internal sealed partial class ChannelWorker(
    [FromKeyedServices(ChannelWorker.Queue)] WorkQueue queue,
    TenantDb<CrmDbContext> db,
    FeatureAccess access,
    CrmClient crm,
    Copies<CrmDbContext> copies,
    ChannelAddresses addresses,
    TimeProvider clock,
    ILogger<ChannelWorker> logger) : BackgroundService
{
    public const string Queue = "channel_queue";

    private const string Purpose = "crm.channel";
    private const int AtOnce = 4;
    private const int AtOnceOfATenant = 1;
    private const int MostModules = 50;
    private const int MostUnanswered = 20;

    // of anything later than a week Zoho makes an hour
    private static readonly TimeSpan Life = TimeSpan.FromDays(6);
    private static readonly TimeSpan ShortLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(30);

    /// <summary>Zoho cannot be told where to tell of changes.</summary>
    public static readonly Failure NoAddress = new(
        FailureKind.Precondition,
        "notifications_off",
        "Zoho CRM cannot tell of changes: the gateway's public address is not set, or is none that Zoho can call. Changes are seen within minutes; "
            + "launch with Gateway:PublicUrl=https://... to have them within seconds.");

    private static readonly Failure Short = new(
        FailureKind.Precondition,
        "channel_short_lived",
        "Zoho CRM ends the notification channel within a day although six were asked for: it is renewed in time; tell Zoho's support.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new QueueWorker(queue, clock, logger)
    {
        AtOnce = AtOnce,
        AtOnceOfATenant = AtOnceOfATenant,
        Run = LookAsync,
        RetryAfter = RetryAfter,
    }.RunAsync(stoppingToken);

    private static TimeSpan RetryAfter(WorkItem item)
    {
        const int Doublings = 5;
        var wait = TimeSpan.FromMinutes(1) * Math.Pow(2, Math.Min(Math.Max(0, item.Attempts - 1), Doublings));
        return wait < LongestRetry ? wait : LongestRetry;
    }

    private async Task LookAsync(WorkItem item, CancellationToken stoppingToken, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lost);
        var token = either.Token;
        ChannelRow? channel;
        string[] modules;
        int feeds;
        // Zoho refuses all of a channel for one module that it does not know
        var unread = (await copies.ListAsync(item.Tenant, token))
            .Where(copy => copy.Failure?.CrmClass is CrmCodeClass.Configuration)
            .Select(copy => copy.Id)
            .ToList();
        await using (var context = db.For(item.Tenant))
        {
            channel = await context.Channels.AsNoTracking().SingleOrDefaultAsync(row => row.Id == item.Id, token);
            modules = channel is null ? [] : await context.Feeds
                .Where(row => row.ConnectionId == channel.ConnectionId && !unread.Contains(row.Id))
                .OrderBy(row => row.Id)
                .Select(row => row.Module)
                .Take(MostModules)
                .ToArrayAsync(token);
            feeds = channel is null ? 0 : await context.Feeds.CountAsync(row => row.ConnectionId == channel.ConnectionId, token);
        }

        if (channel is null)
        {
            await queue.CompleteAsync(item, token);
            return;
        }

        var look = new Look(item, channel, feeds);
        var asked = await access.ForAsync(item.Tenant, channel.ConnectionId, Purpose, token);
        if (feeds == 0)
        {
            await EndAsync(look, asked, token);
            return;
        }

        if (modules.Length == 0)
        {
            await KeepAsync(look, clock.GetUtcNow() + LookEvery, _ => { }, token);
            return;
        }

        if (!asked.Succeeded(out var call, out var failure))
        {
            await FailAsync(look, failure, token);
            return;
        }

        if (addresses.Of(channel.Id) is not { } address)
        {
            // another one is looked for when the service starts with it, or within the hour
            await KeepAsync(look, clock.GetUtcNow() + LookEvery, row => (row.Code, row.Message) = (NoAddress.Code, NoAddress.Message), token);
        }
        else if (!(await IsAliveAsync(call, channel, modules, address, token)).Succeeded(out var isAlive, out failure))
        {
            await FailAsync(look, failure, token);
        }
        else if (isAlive)
        {
            // what had kept it from being asked is over
            await KeepAsync(
                look,
                NextLook(channel.ExpiresAt!.Value),
                row => (row.Code, row.Message) = row.Code == Short.Code ? (row.Code, row.Message) : ("", ""),
                token);
        }
        else
        {
            await MakeAsync(look, call, modules, address, token);
        }
    }

    private async Task<Result<bool>> IsAliveAsync(ProviderCall call, ChannelRow channel, string[] modules, Uri address, CancellationToken token)
    {
        if (channel.IsDoubted || channel.ExpiresAt is not { } expiresAt || expiresAt - clock.GetUtcNow() < Life / 2 || channel.Address != address.AbsoluteUri
            || !modules.Order(StringComparer.Ordinal).SequenceEqual(channel.Modules.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            return false;
        }

        if (!(await crm.GetWatchAsync(call, channel.ZohoId, token)).Succeeded(out var there, out var failure))
        {
            return failure.CrmClass is CrmCodeClass.Gone ? false : failure;
        }

        // another maker, another address, or somebody in Zoho who has ended a part of it
        return there.Length > 0
            && there.All(watch => watch.NotifyUrl is null || watch.NotifyUrl == address.AbsoluteUri)
            && there.All(watch => watch.Module is null || modules.Contains(watch.Module, StringComparer.Ordinal))
            && (there.Any(watch => watch.Module is null) || modules.All(module => there.Any(watch => watch.Module == module)));
    }

    private async Task MakeAsync(Look look, ProviderCall call, string[] modules, Uri address, CancellationToken token)
    {
        var (item, channel, _) = look;
        // known here before Zoho knows it: it may tell something while it answers
        var secret = ChannelStore.NewToken();
        await using (var context = db.For(item.Tenant))
        {
            // one statement: who has lost the claim may do the same at this moment
            await context.Database.ExecuteSqlAsync(
                $"""
                UPDATE channels SET next_tokens_sha256 =
                    array_append(next_tokens_sha256[greatest(1, cardinality(next_tokens_sha256) - {MostUnanswered} + 1):], {ChannelStore.Hash(secret)})
                WHERE id = {channel.Id}
                """,
                token);
        }

        var asked = new CrmChannel(
            channel.ZohoId,
            [.. modules.Select(module => $"{module}.all")],
            address,
            secret,
            clock.GetUtcNow() + Life);
        var made = await crm.WatchAsync(call, asked, token);
        if (!made.Succeeded(out var watched, out var failure) || watched is { Refusal: not null } || watched.ExpiresAt is null)
        {
            await FailAsync(look, failure ?? watched?.Refusal?.Failure ?? CrmFailures.BadAnswer, token);
            return;
        }

        var (expiresAt, now) = (watched.ExpiresAt.Value.ToUniversalTime(), clock.GetUtcNow());
        var trouble = expiresAt - now < ShortLife ? Short : null;
        await KeepAsync(
            look,
            NextLook(expiresAt),
            row =>
            {
                (row.Modules, row.Address, row.ExpiresAt) = (modules, address.AbsoluteUri, expiresAt);
                (row.Code, row.Message) = (trouble?.Code ?? "", trouble?.Message ?? "");
                var current = ChannelStore.Hash(secret);
                // of another one that was sent before this nobody knows whether Zoho got it first
                row.NextTokensSha256 = [.. row.NextTokensSha256.Where(next => !next.SequenceEqual(current))];
                (row.TokenSha256, row.MadeAt, row.IsDoubted) = (current, now, false);
            },
            token);
        LogMade(channel.Id, item.Tenant.Value, modules.Length, expiresAt);
    }

    private DateTimeOffset NextLook(DateTimeOffset expiresAt)
    {
        var (now, half) = (clock.GetUtcNow(), (expiresAt - clock.GetUtcNow()) / 2);
        return now + (half > LookEvery ? LookEvery : half > ShortestWait ? half : ShortestWait);
    }

    // where Zoho cannot be asked any more it ends by itself
    private async Task EndAsync(Look look, Result<ProviderCall> asked, CancellationToken token)
    {
        var (item, channel, _) = look;
        if (asked.Succeeded(out var call, out _) && channel.ExpiresAt is not null)
        {
            await crm.UnwatchAsync(call, [channel.ZohoId], token);
        }

        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        if (await queue.CompleteAsync(context, item, token) && !await IsOtherwiseAsync(context, look, token))
        {
            await context.Channels.Where(row => row.Id == item.Id).ExecuteDeleteAsync(token);
            await transaction.CommitAsync(token);
            return;
        }

        // somebody subscribed meanwhile
        await transaction.RollbackAsync(token);
        await queue.DeferAsync(item, clock.GetUtcNow(), token);
    }

    // who subscribes leaves the claim, and waits for the queue's row, which the transaction holds: they are seen here, or say so behind it
    private static async Task<bool> IsOtherwiseAsync(CrmDbContext context, Look look, CancellationToken token) =>
        look.Feeds != await context.Feeds.CountAsync(row => row.ConnectionId == look.Channel.ConnectionId, token);

    private Task FailAsync(Look look, Failure failure, CancellationToken token)
    {
        var item = look.Item;
        var wait = failure.RetryAfter > RetryAfter(item) ? failure.RetryAfter.Value : RetryAfter(item);
        LogFailed(item.Id, item.Tenant.Value, failure.Code, wait);
        return KeepAsync(
            look, clock.GetUtcNow() + wait, row => (row.Code, row.Message) = (failure.Code, failure.Message), token, cameForward: false);
    }

    private async Task KeepAsync(Look look, DateTimeOffset dueAt, Action<ChannelRow> change, CancellationToken token, bool cameForward = true)
    {
        var item = look.Item;
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        if (await (cameForward ? queue.ContinueAsync(context, item, dueAt, token) : queue.DeferAsync(context, item, dueAt, token)))
        {
            change(await context.Channels.SingleAsync(row => row.Id == item.Id, token));
            await context.SaveChangesAsync(token);
            if (await IsOtherwiseAsync(context, look, token))
            {
                var now = clock.GetUtcNow();
                await context.ChannelQueue.Where(row => row.Id == item.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now), token);
            }

            await transaction.CommitAsync(token);
        }
    }

    /// <summary>What is looked at, and how many feeds its connection had then.</summary>
    private sealed record Look(WorkItem Item, ChannelRow Channel, int Feeds);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Channel {ChannelId} of tenant {TenantId}: Zoho CRM tells of {Modules} modules until {ExpiresAt}")]
    private partial void LogMade(Guid channelId, Guid tenantId, int modules, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Channel {ChannelId} of tenant {TenantId}: {Code}; it is tried again in {Wait}")]
    private partial void LogFailed(Guid channelId, Guid tenantId, string code, TimeSpan wait);
}
