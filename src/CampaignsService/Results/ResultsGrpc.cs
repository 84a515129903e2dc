using Google.Protobuf;
using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>
/// The CampaignResults contract: what Zoho has, read through <see cref="ResultsCache"/>, and the few things that are changed there.
/// </summary>
internal sealed class ResultsGrpc(
    SettingsStore settings,
    FeatureAccess access,
    CampaignsClient campaigns,
    ResultsCache cache,
    ZohoChanges changes,
    OptOutTelling telling,
    AuditedReads reads,
    TimeProvider clock)
    : Wire.CampaignResults.CampaignResultsBase
{
    private const string Purpose = "campaigns.results";
    private const string AllLists = "lists";
    private const int DefaultPage = 50;
    private const int MaxPage = 200;

    // a page of 200 of the 20 that Zoho gives when nothing is asked for
    private const int MaxReads = 10;
    private const int MaxName = 100;
    private const int MaxDescription = 500;

    // contacts of a list come and go all the time, figures of a campaign change slowly
    private static readonly TimeSpan SubscribersKeptFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    public override async Task<Wire.ListMailingListsResponse> ListMailingLists(
        Wire.ListMailingListsRequest request, ServerCallContext context)
    {
        var call = await CallAsync(context.CallerWith(Role.Viewer).Tenant, context);
        return await ReadAsync(
            call, AllLists, KeptFor, request.Freshness, Wire.ListMailingListsResponse.Parser,
            () => campaigns.GetMailingListsAsync(call, context.CancellationToken),
            lists => new Wire.ListMailingListsResponse { Lists = { lists.Select(list => list.ToWire()) }, ReadAt = Now() }, context);
    }

    public override async Task<Wire.MailingList> CreateMailingList(Wire.CreateMailingListRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        var (name, description) = (request.Name.Trim(), request.Description.Trim());
        if (name.Length is 0 or > MaxName || name.Any(ShownText.IsHidden))
        {
            throw Failure.InvalidField(
                "name", $"name must have 1 to {MaxName} characters, {ShownText.Rule}.").ToRpcException();
        }

        if (description.Length > MaxDescription || description.Any(ShownText.IsHidden))
        {
            throw Failure.InvalidField(
                "description",
                $"description must have at most {MaxDescription} characters, {ShownText.Rule}.").ToRpcException();
        }

        if (request.Emails.Count is 0 or > CampaignsClient.BulkSize)
        {
            throw Failure.InvalidField(
                "emails",
                $"emails must hold 1 to {CampaignsClient.BulkSize} addresses: Zoho makes no list without contacts.").ToRpcException();
        }

        var emails = request.Emails.Select(email => Address("emails", email)).ToList();
        if (await changes.CountOptedOutAsync(caller.Tenant, emails, context.CancellationToken) is > 0 and var optedOut)
        {
            throw Failure.InvalidField(
                "emails",
                $"emails holds {optedOut} of who was put on Do-Not-Mail or forgotten through the platform: leave them out. With their consent a sync "
                + "that says so (consent.resubscribe with a consent.reason) brings them back.").ToRpcException();
        }

        var call = await CallAsync(caller.Tenant, context, QuotaUse.Job);
        var made = await campaigns.CreateListAsync(call, name, description, emails, request.PublicSignup, context.CancellationToken);
        await cache.ForgetAsync(call, AllLists, context.CancellationToken);
        var list = made.OrThrow();
        await changes.NoteListAsync(caller, list.Key, emails.Count, request.PublicSignup);
        return list.ToWire();
    }

    public override async Task<Wire.ListSubscribersResponse> ListSubscribers(Wire.ListSubscribersRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        if (!Enum.IsDefined(request.Status))
        {
            throw Failure.InvalidField("status", "status is not a status of a subscriber.").ToRpcException();
        }

        var status = request.Status switch
        {
            Wire.SubscriberStatus.Unspecified or Wire.SubscriberStatus.Active => ListStatus.Active,
            Wire.SubscriberStatus.Unsubscribed => ListStatus.Unsubscribed,
            Wire.SubscriberStatus.Bounced => ListStatus.Bounced,
        };
        var (from, size) = Page(request.PageSize, request.PageToken);
        var listKey = await ListKeyAsync(caller.Tenant, request.ListKey, context);
        var call = await CallAsync(caller.Tenant, context);
        var answer = await ReadAsync(
            call, Question($"subscribers:{listKey}:{status}:{from}:{size}"), SubscribersKeptFor, request.Freshness,
            Wire.ListSubscribersResponse.Parser,
            () => ReadOnAsync(
                from, size,
                (index, range) => campaigns.GetSubscribersAsync(call, listKey, status, index, range, context.CancellationToken),
                page => (page.Subscribers, page.Range, page.NextIndex)),
            page => new Wire.ListSubscribersResponse
            {
                Subscribers = { page.Items.Select(subscriber => subscriber.ToWire()) },
                NextPageToken = page.NextToken,
                ReadAt = Now(),
            },
            context);
        await reads.NoteAsync(caller, AuditActions.ContactsRead, ZohoChanges.ListSubject(listKey), context.CancellationToken);
        return answer;
    }

    public override async Task<Wire.ListCampaignsResponse> ListCampaigns(Wire.ListCampaignsRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Viewer).Tenant;
        var (from, size) = Page(request.PageSize, request.PageToken);
        var call = await CallAsync(tenant, context);
        return await ReadAsync(
            call, Question($"campaigns:{from}:{size}"), KeptFor, request.Freshness, Wire.ListCampaignsResponse.Parser,
            () => ReadOnAsync(
                from, size,
                (index, range) => campaigns.GetRecentCampaignsAsync(call, index, range, context.CancellationToken),
                page => (page.Campaigns, page.Range, page.NextIndex)),
            page => new Wire.ListCampaignsResponse
            {
                Campaigns = { page.Items.Select(campaign => campaign.ToWire()) },
                NextPageToken = page.NextToken,
                ReadAt = Now(),
            },
            context);
    }

    public override async Task<Wire.CampaignReport> GetCampaignReport(Wire.GetCampaignReportRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Viewer).Tenant;
        CheckCampaignKey(request.CampaignKey);
        var call = await CallAsync(tenant, context);
        return await ReadAsync(
            call, $"report:{request.CampaignKey}", KeptFor, request.Freshness, Wire.CampaignReport.Parser,
            () => campaigns.GetReportAsync(call, request.CampaignKey, context.CancellationToken),
            report => report.ToWire(request.CampaignKey, Now()), context);
    }

    public override async Task<Wire.ListCampaignRecipientsResponse> ListCampaignRecipients(
        Wire.ListCampaignRecipientsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        CheckCampaignKey(request.CampaignKey);
        if (request.Action is Wire.RecipientAction.Unspecified || !Enum.IsDefined(request.Action))
        {
            throw Failure.InvalidField("action", "action must say which recipients: sent, opened, clicked...").ToRpcException();
        }

        var action = request.Action.FromWire();
        var (from, size) = Page(request.PageSize, request.PageToken);
        var call = await CallAsync(caller.Tenant, context);
        var answer = await ReadAsync(
            call, Question($"recipients:{request.CampaignKey}:{action}:{from}:{size}"), KeptFor, request.Freshness,
            Wire.ListCampaignRecipientsResponse.Parser,
            () => ReadOnAsync(
                from, size,
                (index, range) => campaigns.GetRecipientsAsync(call, request.CampaignKey, action, index, range, context.CancellationToken),
                page => (page.Subscribers, page.Range, page.NextIndex)),
            page => new Wire.ListCampaignRecipientsResponse
            {
                Recipients = { page.Items.Select(subscriber => subscriber.ToWire()) },
                NextPageToken = page.NextToken,
                ReadAt = Now(),
            },
            context);
        await reads.NoteAsync(caller, AuditActions.ContactsRead, $"campaign:{request.CampaignKey}", context.CancellationToken);
        return answer;
    }

    public override async Task<Wire.UnsubscribeResponse> Unsubscribe(Wire.UnsubscribeRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        var email = Address("email", request.Email);
        var listKey = await ListKeyAsync(caller.Tenant, request.ListKey, context);
        var told = await TakeOffAsync(caller, AuditActions.ContactUnsubscribed, email, listKey, context.CancellationToken);
        return new Wire.UnsubscribeResponse
        {
            AtZoho = told.AtZoho,
            Code = told.Reason?.Code ?? "",
            Message = told.Reason?.Message ?? "",
        };
    }

    public override async Task<Wire.MarkDoNotMailResponse> MarkDoNotMail(Wire.MarkDoNotMailRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Operator);
        var email = Address("email", request.Email);
        var told = await TakeOffAsync(caller, AuditActions.ContactBlocked, email, listKey: null, context.CancellationToken);
        return new Wire.MarkDoNotMailResponse
        {
            AtZoho = told.AtZoho,
            Code = told.Reason?.Code ?? "",
            Message = told.Reason?.Message ?? "",
        };
    }

    // the person's wish holds from now on, whatever Zoho knows of them or answers: a contact of theirs may be waiting here
    private async Task<ToldOptOut> TakeOffAsync(Caller caller, string action, string email, string? listKey, CancellationToken cancellationToken)
    {
        if (await changes.NoteContactAsync(caller, action, email, listKey) is not { } toTell)
        {
            return OptOutTelling.UnderWay;
        }

        var told = await telling.TellAsync(toTell, isHeard: true, cancellationToken);
        return told is { AtZoho: Wire.OptOutTold.Unspecified, Reason: { } refusal }
            ? throw (refusal with { Message = $"{refusal.Message} The platform keeps the person off from now on; Zoho is not told again." })
                .ToRpcException()
            : told;
    }

    private async Task<ProviderCall> CallAsync(TenantId tenant, ServerCallContext context, QuotaUse use = QuotaUse.Read) =>
        (await access.ForAsync(tenant, Purpose, context.CancellationToken, use)).OrThrow();

    private async Task<TAnswer> ReadAsync<TRead, TAnswer>(
        ProviderCall call, string question, TimeSpan keptFor, Wire.Freshness? freshness, MessageParser<TAnswer> parser,
        Func<Task<Result<TRead>>> read, Func<TRead, TAnswer> toWire, ServerCallContext context)
        where TRead : notnull
        where TAnswer : class, IMessage<TAnswer> =>
        (await cache.GetAsync(
            call, question, keptFor, freshness is { Refresh: true }, parser,
            async () => (await read()).Succeeded(out var value, out var failure) ? toWire(value) : failure, context.CancellationToken)).OrThrow();

    private async Task<string> ListKeyAsync(TenantId tenant, string asked, ServerCallContext context) =>
        asked.Length == 0
            ? await settings.ListKeyAsync(tenant, context.CancellationToken) ?? throw SettingsFailures.ListKeyMissing.ToRpcException()
            : ZohoKey.HasShape(asked) ? asked
            : throw ZohoKey.Invalid("list_key").ToRpcException();

    private Timestamp Now() => Timestamp.FromDateTimeOffset(clock.GetUtcNow());

    private static void CheckCampaignKey(string key)
    {
        if (!ZohoKey.HasShape(key))
        {
            throw ZohoKey.Invalid("campaign_key").ToRpcException();
        }
    }

    private static string Address(string field, string email) => EmailAddress.In(email)
        ?? throw Failure.InvalidField(field, $"{field} {EmailAddress.FaultOf(email)}").ToRpcException();

    private static (int From, int Size) Page(int size, string token)
    {
        var page = PageRequest.Of(size, token, DefaultPage, MaxPage);
        // here a token says where the next page begins
        return ((int)Math.Clamp(page.AfterNumber ?? 1, 1, int.MaxValue), page.Size);
    }

    /// <summary>
    /// A page of <paramref name="size"/> entries, also where Zoho gives fewer at once than it is asked for. Nothing comes after one that is
    /// not full, unless Zoho gave so few that <see cref="MaxReads"/> did not fill it.
    /// </summary>
    private static async Task<Result<(List<T> Items, string NextToken)>> ReadOnAsync<TPage, T>(
        int from, int size, Func<int, int, Task<Result<TPage>>> read,
        Func<TPage, (IReadOnlyList<T> Items, int Range, int? NextIndex)> parts)
        where TPage : notnull
    {
        var items = new List<T>();
        var (next, largest) = ((int?)from, size);
        for (var reads = 0; reads < MaxReads && next is { } index && index - from < size; reads++)
        {
            if (!(await read(index, Math.Min(largest, size - (index - from)))).Succeeded(out var page, out var failure))
            {
                if (reads == 0)
                {
                    return failure;
                }

                // whoever asks for the rest is told why there is none
                break;
            }

            var (found, range, after) = parts(page);
            // a server that does not honour the index would show the first page for ever
            var isRepeated = found.Count > 0 && found.All(items.Contains);
            items.AddRange(isRepeated ? [] : found);
            (next, largest) = (isRepeated ? null : after, Math.Min(largest, range));
        }

        return (items, next is { } rest ? PageRequest.TokenOf(rest) : "");
    }

    private static string Question(FormattableString question) => FormattableString.Invariant(question);
}
