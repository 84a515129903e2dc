using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using CampaignsSettingsClient = ZohoPlatform.Contracts.Campaigns.V1.CampaignsSettingsStore.CampaignsSettingsStoreClient;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;
using ResultsClient = ZohoPlatform.Contracts.Campaigns.V1.CampaignResults.CampaignResultsClient;

namespace ZohoPlatform.Gateway.Campaigns.Results;

internal static class ListEndpoints
{
    private static readonly DateTimeOffset ReadAt = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);
    private static readonly MailingList Example = new("3zfake0list0key", "Customers", 4821, 133, 12);

    public static readonly Subscriber ExampleSubscriber = new(
        "ada@example.com", "Ada", "Lovelace", "Analytical Engines", null, new DateTimeOffset(2026, 3, 2, 14, 0, 0, TimeSpan.Zero));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapLists()
        {
            var group = routes.MapGroup("/api/v1/campaigns").WithTags("Campaigns lists");

            group.MapGet("/lists", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listMailingLists",
                    "List the mailing lists",
                    "As Zoho has them; read_at says when it was asked. Role needed: viewer.",
                    response: new MailingLists([Example], ReadAt) { DefaultListKey = Example.Key })
                .Fails(409)
                .MayTake(ZohoReads.Limit);
            group.MapPost("/lists", Create).RequireAuthorization(Policies.Operator)
                .Describe(
                    "createMailingList",
                    "Make a mailing list",
                    "With its first contacts, because Zoho makes no empty one. Role needed: operator.",
                    new NewMailingList("Customers", ["ada@example.com"]) { Description = "Everyone who bought something", PublicSignup = false },
                    Example with { Contacts = null, Unsubscribed = null, Bounced = null })
                .Fails(409, 413, 415, 422)
                .MayTake(ZohoReads.Limit);
            group.MapGet("/lists/{list_key}/subscribers", Subscribers).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listSubscribers",
                    "List the contacts of a mailing list",
                    "As Zoho has them; read_at says when it was asked. The list `default` is the one of the settings. Role needed: viewer.",
                    response: new SubscriberPage([ExampleSubscriber], "NTA", ReadAt))
                .Fails(404, 409)
                .MayTake(ZohoReads.Limit);
            group.MapPost("/lists/{list_key}/unsubscribe", Unsubscribe).RequireAuthorization(Policies.Operator)
                .Describe(
                    "unsubscribe",
                    "Take a contact off a mailing list",
                    "One that is off already is a success. The platform keeps the person off that list from then on, also where Zoho does not know "
                    + "them. Where Zoho cannot be told yet, the platform tells it by itself as soon as that works; at_zoho says so. The list `default` "
                    + "is the one of the settings. Role needed: operator.",
                    new OptOut("ada@example.com"),
                    new KeptOff(OptOutTold.Done, null, null))
                .Fails(404, 409, 413, 415, 422)
                .MayTake(ZohoReads.Limit);
            group.MapPost("/do-not-mail", MarkDoNotMail).RequireAuthorization(Policies.Operator)
                .Describe(
                    "markDoNotMail",
                    "Never mail a contact again",
                    "Puts it on Zoho's Do-Not-Mail registry: no list mails it any more. The platform keeps the person off all lists from then on, also "
                    + "where Zoho does not know them. Where Zoho cannot be told yet, the platform tells it by itself as soon as that works; at_zoho says "
                    + "so. Role needed: operator.",
                    new OptOut("ada@example.com"),
                    new KeptOff(OptOutTold.Done, null, null))
                .Fails(409, 413, 415, 422)
                .MayTake(ZohoReads.Limit);
        }
    }

    private static async Task<Results<Ok<MailingLists>, ProblemResult>> List(
        [Description(ZohoReads.Refresh)] string? refresh, ServiceCall call, ResultsClient results, CampaignsSettingsClient settings)
    {
        if (!QueryValues.Flag("refresh", refresh).Succeeded(out var now, out var failure))
        {
            return (ProblemResult)failure;
        }

        var set = await settings.GetSettingsAsync(new(), call.Options);
        var answer = await results.ListMailingListsAsync(new() { Freshness = new() { Refresh = now } }, call.Within(ZohoReads.Limit));
        return TypedResults.Ok(new MailingLists([.. answer.Lists.Select(list => list.ToApi())], ContractValues.Time(answer.ReadAt))
        {
            DefaultListKey = ContractValues.OrNull(set.CampaignsListKey),
        });
    }

    private static async Task<Created<MailingList>> Create(NewMailingList body, ServiceCall call, ResultsClient results) =>
        TypedResults.Created(
            (string?)null, (await results.CreateMailingListAsync(body.ToContract(), call.Within(ZohoReads.Limit))).ToApi());

    private static async Task<Results<Ok<SubscriberPage>, ProblemResult>> Subscribers(
        [FromRoute(Name = "list_key")] string listKey,
        [Description("active, unsubscribed or bounced; active when absent.")] string? status,
        [FromQuery(Name = "page_size"), Description(ZohoReads.PageSize)] string? pageSize,
        [FromQuery(Name = "page_token"), Description(ZohoReads.PageToken)] string? pageToken,
        [Description(ZohoReads.Refresh)] string? refresh,
        ServiceCall call,
        ResultsClient results)
    {
        if (!QueryValues.OneOf<Contract.SubscriberStatus>("status", status).Succeeded(out var wanted, out var failure)
            || !QueryValues.PageSize(pageSize, ZohoReads.MaxPage).Succeeded(out var size, out failure)
            || !QueryValues.Flag("refresh", refresh).Succeeded(out var now, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await results.ListSubscribersAsync(
            new()
            {
                ListKey = DefaultList.KeyOf(listKey),
                Status = wanted,
                PageSize = size,
                PageToken = pageToken ?? "",
                Freshness = new() { Refresh = now },
            },
            call.Within(ZohoReads.Limit));
        return TypedResults.Ok(new SubscriberPage(
            [.. page.Subscribers.Select(subscriber => subscriber.ToApi())],
            ContractValues.OrNull(page.NextPageToken),
            ContractValues.Time(page.ReadAt)));
    }

    private static async Task<Ok<KeptOff>> Unsubscribe(
        [FromRoute(Name = "list_key")] string listKey, OptOut body, ServiceCall call, ResultsClient results)
    {
        var kept = await results.UnsubscribeAsync(
            new() { ListKey = DefaultList.KeyOf(listKey), Email = body.Email ?? "" }, call.Within(ZohoReads.Limit));
        return TypedResults.Ok(
            new KeptOff(kept.AtZoho.As<OptOutTold>(), ContractValues.OrNull(kept.Code), ContractValues.OrNull(kept.Message)));
    }

    private static async Task<Ok<KeptOff>> MarkDoNotMail(OptOut body, ServiceCall call, ResultsClient results)
    {
        var kept = await results.MarkDoNotMailAsync(new() { Email = body.Email ?? "" }, call.Within(ZohoReads.Limit));
        return TypedResults.Ok(
            new KeptOff(kept.AtZoho.As<OptOutTold>(), ContractValues.OrNull(kept.Code), ContractValues.OrNull(kept.Message)));
    }
}
