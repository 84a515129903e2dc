using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>
/// Tells Zoho who does not want to be written to: when it is said, and from the queue (<see cref="OptOutWorker"/>) for as long as that did not
/// work. May be cut off at any moment and done again: Zoho takes it twice.
/// </summary>
internal sealed class OptOutTelling(
    TenantDb<CampaignsDbContext> db,
    [FromKeyedServices(OptOuts.Queue)] WorkQueue queue,
    FeatureAccess access,
    CampaignsClient campaigns,
    TimeProvider clock)
{
    private const string Purpose = "campaigns.consent";

    // well before the lease ends
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // what Zoho answered a person must see to
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan BehindTheFirst = TimeSpan.FromSeconds(1);

    /// <summary>Zoho is told at this moment, by somebody else.</summary>
    public static readonly ToldOptOut UnderWay = new(OptOutTold.ToBeTold);

    /// <summary>Tells it, and takes the item out of the queue, or puts it back until the next try.</summary>
    /// <param name="item">Claimed.</param>
    /// <param name="isHeard">Somebody waits for the answer: a list that Zoho does not know is their mistake, and told to them.</param>
    /// <param name="cancellationToken">Ends it; the item stays claimed then.</param>
    public async Task<ToldOptOut> TellAsync(WorkItem item, bool isHeard, CancellationToken cancellationToken)
    {
        UntoldOptOut? untold;
        await using (var context = db.For(item.Tenant))
        {
            untold = await OptOuts.FindUntoldAsync(await context.OpenAsync(cancellationToken), item.Id, cancellationToken);
        }

        if (untold is null)
        {
            await queue.CompleteAsync(item, cancellationToken);
            return new ToldOptOut(OptOutTold.Unspecified);
        }

        var told = await AskAsync(item.Tenant, untold, isHeard, cancellationToken);
        // Zoho has answered: that is written down whoever has gone meanwhile
        await RecordAsync(item, told, CancellationToken.None);
        return told;
    }

    private async Task<ToldOptOut> AskAsync(TenantId tenant, UntoldOptOut untold, bool isHeard, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (!(await access.ForAsync(tenant, Purpose, either.Token)).Succeeded(out var call, out var failure))
            {
                return new ToldOptOut(OptOutTold.ToBeTold, failure);
            }

            var answer = untold.ListKey is { } listKey
                ? await campaigns.UnsubscribeAsync(call, listKey, untold.Email, either.Token)
                : await campaigns.MarkDoNotMailAsync(call, untold.Email, either.Token);
            return answer.Succeeded(out _, out failure) ? new ToldOptOut(OptOutTold.Done) : Judge(failure, isHeard);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new ToldOptOut(OptOutTold.ToBeTold, CampaignsFailures.Unavailable);
        }
    }

    private static ToldOptOut Judge(Failure failure, bool isHeard) => failure switch
    {
        { Code: CampaignsFailures.ContactNotFoundCode } => new(OptOutTold.UnknownContact),
        // on Do-Not-Mail: no list writes to them
        { CampaignsClass: CampaignsCodeClass.Suppressed } => new(OptOutTold.Done),
        // never taken as it is; a list that is no more writes to nobody
        { CampaignsClass: CampaignsCodeClass.BadContact } or { Code: CampaignsFailures.ListDeletedCode } => new(OptOutTold.Unspecified, failure),
        { Kind: FailureKind.NotFound } when isHeard => new(OptOutTold.Unspecified, failure),
        _ => new(OptOutTold.ToBeTold, failure),
    };

    private async Task RecordAsync(WorkItem item, ToldOptOut told, CancellationToken cancellationToken)
    {
        await using var context = db.For(item.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var connection = await context.OpenAsync(cancellationToken);
        // in the order of those who say it: the row, then the queue
        await OptOuts.FindUntoldAsync(connection, item.Id, cancellationToken);
        if (told is { AtZoho: OptOutTold.ToBeTold, Reason: { } reason })
        {
            var waits = reason.IsAnswerOfCampaigns && reason.CampaignsClass is not CampaignsCodeClass.Retry
                ? Backoff.Jittered(AskAgainAfter, reason.RetryAfter)
                : Backoff.After(item.Attempts, reason.RetryAfter);
            var next = clock.GetUtcNow() + waits;
            if (!await queue.DeferAsync(context, item, next, cancellationToken))
            {
                return;
            }

            // a quota is one method's, and what Zoho answered this person's
            if (reason is { IsAnswerOfCampaigns: false, Kind: not FailureKind.RateLimited })
            {
                await OptOuts.TellLaterAsync(context, except: item.Id, next + BehindTheFirst, cancellationToken);
            }
        }
        else if (!await queue.CompleteAsync(context, item, cancellationToken))
        {
            // whoever has it now tells Zoho once more
            return;
        }
        else if (told.AtZoho is OptOutTold.Done)
        {
            await OptOuts.ToldAsync(connection, item.Id, cancellationToken);
        }
        else
        {
            await OptOuts.KeepHereAsync(connection, item.Id, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}

/// <summary>What became of it at Zoho.</summary>
/// <param name="AtZoho">Unspecified where Zoho is not told any more.</param>
/// <param name="Reason">Why it has not been told yet, or is not told any more.</param>
internal sealed record ToldOptOut(OptOutTold AtZoho, Failure? Reason = null);
