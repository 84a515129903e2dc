using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZohoPlatform.CrmService.Access;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>
/// Keeps each connection's channel alive: makes it for the modules that are followed, asks Zoho each hour whether it is there still, renews it when half of
/// its life is over, and ends it when nothing is followed any more. What is not told meanwhile is found by looking.
/// </summary>
internal sealed partial class ChannelWorker(
    [FromKeyedServices(ChannelWorker.Queue)] WorkQueue queue,
    TenantDb<CrmDbContext> db,
    CrmAccess access,
    CrmClient crm,
    IOptions<ChannelOptions> options,
    TimeProvider clock,
    ILogger<ChannelWorker> logger) : BackgroundService
{
    public const string Queue = "channel_queue";

    private const string Purpose = "crm.channel";
    private const int AtOnce = 4;
    private const int AtOnceOfATenant = 1;
    private const int MostModules = 50;

    // of anything later than a week Zoho makes an hour
    private static readonly TimeSpan Life = TimeSpan.FromDays(6);
    private static readonly TimeSpan ShortLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(30);

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
        await using (var context = db.For(item.Tenant))
        {
            channel = await context.Channels.AsNoTracking().SingleOrDefaultAsync(row => row.Id == item.Id, token);
            modules = channel is null ? [] : await context.Feeds
                .Where(row => row.ConnectionId == channel.ConnectionId)
                .OrderBy(row => row.Id)
                .Select(row => row.Module)
                .Take(MostModules)
                .ToArrayAsync(token);
        }

        if (channel is null)
        {
            await queue.CompleteAsync(item, token);
            return;
        }

        var asked = await access.ForAsync(item.Tenant, channel.ConnectionId, Purpose, token);
        if (modules.Length == 0)
        {
            await EndAsync(item, channel, asked, token);
            return;
        }

        if (!asked.Succeeded(out var call, out var failure))
        {
            await FailAsync(item, failure, token);
            return;
        }

        if (!(await IsAliveAsync(call, channel, modules, token)).Succeeded(out var isAlive, out failure))
        {
            await FailAsync(item, failure, token);
        }
        else if (isAlive)
        {
            await queue.DeferAsync(item, NextLook(channel.ExpiresAt!.Value), token);
        }
        else
        {
            await MakeAsync(item, call, channel, modules, token);
        }
    }

    private async Task<Result<bool>> IsAliveAsync(ProviderCall call, ChannelRow channel, string[] modules, CancellationToken token)
    {
        if (channel.ExpiresAt is not { } expiresAt || expiresAt - clock.GetUtcNow() < Life / 2
            || !modules.Order(StringComparer.Ordinal).SequenceEqual(channel.Modules.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            return false;
        }

        // who was told to end it was not us: somebody in Zoho, or Zoho
        return (await crm.GetWatchAsync(call, channel.ZohoId, token)).Succeeded(out var there, out var failure) ? there.Length > 0
            : failure.CrmClass is CrmCodeClass.Gone ? false
            : failure;
    }

    private async Task MakeAsync(WorkItem item, ProviderCall call, ChannelRow channel, string[] modules, CancellationToken token)
    {
        // known here before Zoho knows it: it may tell something while it answers
        var secret = ChannelStore.NewToken();
        await using (var context = db.For(item.Tenant))
        {
            var hash = ChannelStore.Hash(secret);
            await context.Channels.Where(row => row.Id == channel.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.NextTokenSha256, hash), token);
        }

        var asked = new CrmChannel(
            channel.ZohoId,
            [.. modules.Select(module => $"{module}.all")],
            options.Value.AddressOf(channel.Id),
            secret,
            clock.GetUtcNow() + Life);
        var made = await crm.WatchAsync(call, asked, token);
        if (!made.Succeeded(out var watched, out var failure) || watched is { Refusal: not null } || watched.ExpiresAt is null)
        {
            await FailAsync(item, failure ?? watched?.Refusal?.Failure ?? CrmFailures.BadAnswer, token);
            return;
        }

        var (expiresAt, now) = (watched.ExpiresAt.Value.ToUniversalTime(), clock.GetUtcNow());
        var trouble = expiresAt - now < ShortLife ? Short : null;
        await KeepAsync(
            item,
            NextLook(expiresAt),
            row =>
            {
                (row.Modules, row.ExpiresAt, row.Code, row.Message) = (modules, expiresAt, trouble?.Code ?? "", trouble?.Message ?? "");
                (row.TokenSha256, row.NextTokenSha256) = (ChannelStore.Hash(secret), null);
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
    private async Task EndAsync(WorkItem item, ChannelRow channel, Result<ProviderCall> asked, CancellationToken token)
    {
        if (asked.Succeeded(out var call, out _) && channel.ExpiresAt is not null)
        {
            await crm.UnwatchAsync(call, [channel.ZohoId], token);
        }

        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        if (await queue.CompleteAsync(context, item, token))
        {
            await context.Channels.Where(row => row.Id == item.Id).ExecuteDeleteAsync(token);
            await transaction.CommitAsync(token);
        }
    }

    private Task FailAsync(WorkItem item, Failure failure, CancellationToken token)
    {
        var wait = failure.RetryAfter > RetryAfter(item) ? failure.RetryAfter.Value : RetryAfter(item);
        LogFailed(item.Id, item.Tenant.Value, failure.Code, wait);
        return KeepAsync(item, clock.GetUtcNow() + wait, row => (row.Code, row.Message) = (failure.Code, failure.Message), token);
    }

    private async Task KeepAsync(WorkItem item, DateTimeOffset dueAt, Action<ChannelRow> change, CancellationToken token)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        if (await queue.DeferAsync(context, item, dueAt, token))
        {
            change(await context.Channels.SingleAsync(row => row.Id == item.Id, token));
            await context.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Channel {ChannelId} of tenant {TenantId}: Zoho CRM tells of {Modules} modules until {ExpiresAt}")]
    private partial void LogMade(Guid channelId, Guid tenantId, int modules, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Channel {ChannelId} of tenant {TenantId}: {Code}; it is tried again in {Wait}")]
    private partial void LogFailed(Guid channelId, Guid tenantId, string code, TimeSpan wait);
}
