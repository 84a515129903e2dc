using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;
using ResultsClient = ZohoPlatform.Contracts.Campaigns.V1.CampaignResults.CampaignResultsClient;

namespace ZohoPlatform.Gateway.Campaigns.Results;

internal static class ReportEndpoints
{
    private static readonly DateTimeOffset ReadAt = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly Campaign ExampleCampaign = new(
        "3zfake0campaign0key", "November news", "Sent", "What is new", "news@example.com", ReadAt.AddDays(-3), ReadAt.AddDays(-2));

    private static readonly CampaignReport ExampleReport = new(
        ExampleCampaign.Key,
        ExampleCampaign.Name,
        1000,
        960,
        480,
        120,
        25,
        15,
        6,
        1,
        0,
        3,
        0,
        0.96,
        0.5,
        0.125,
        0.25,
        0.04,
        0.00625,
        new Dictionary<string, long>(StringComparer.Ordinal) { ["de"] = 300, ["us"] = 180 },
        ReadAt);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapReports()
        {
            var group = routes.MapGroup("/api/v1/campaigns/reports").WithTags("Campaigns reports").RequireAuthorization(Policies.Viewer);

            group.MapGet("/", List)
                .Describe(
                    "listCampaigns",
                    "List the campaigns",
                    "As Zoho has them; read_at says when it was asked. Role needed: viewer.",
                    response: new CampaignPage([ExampleCampaign], "NTA", ReadAt))
                .Fails(409)
                .MayTake(ZohoReads.Limit);
            group.MapGet("/{campaign_key}", Get)
                .Describe(
                    "getCampaignReport",
                    "What a campaign brought",
                    "A count that Zoho does not give, or that cannot be read, is left out: it is not 0. click_rate is clicks per delivered mail, "
                    + "click_to_open_rate clicks per opened one. Role needed: viewer.",
                    response: ExampleReport)
                .Fails(404, 409)
                .MayTake(ZohoReads.Limit);
            group.MapGet("/{campaign_key}/recipients", Recipients)
                .Describe(
                    "listCampaignRecipients",
                    "Who did what with a campaign",
                    "Its recipients by one action. Role needed: viewer.",
                    response: new RecipientPage([ListEndpoints.ExampleSubscriber], "NTA", ReadAt))
                .Fails(404, 409)
                .MayTake(ZohoReads.Limit);
        }
    }

    private static async Task<Results<Ok<CampaignPage>, ProblemResult>> List(
        [FromQuery(Name = "page_size"), Description(ZohoReads.PageSize)] string? pageSize,
        [FromQuery(Name = "page_token"), Description(ZohoReads.PageToken)] string? pageToken,
        [Description(ZohoReads.Refresh)] string? refresh,
        ServiceCall call,
        ResultsClient results)
    {
        if (!QueryValues.PageSize(pageSize, ZohoReads.MaxPage).Succeeded(out var size, out var failure)
            || !QueryValues.Flag("refresh", refresh).Succeeded(out var now, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await results.ListCampaignsAsync(
            new() { PageSize = size, PageToken = pageToken ?? "", Freshness = new() { Refresh = now } }, call.Within(ZohoReads.Limit));
        return TypedResults.Ok(new CampaignPage(
            [.. page.Campaigns.Select(campaign => campaign.ToApi())],
            ContractValues.OrNull(page.NextPageToken),
            ContractValues.Time(page.ReadAt)));
    }

    private static async Task<Results<Ok<CampaignReport>, ProblemResult>> Get(
        [FromRoute(Name = "campaign_key")] string campaignKey,
        [Description(ZohoReads.Refresh)] string? refresh,
        ServiceCall call,
        ResultsClient results)
    {
        if (!QueryValues.Flag("refresh", refresh).Succeeded(out var now, out var failure))
        {
            return (ProblemResult)failure;
        }

        return TypedResults.Ok((await results.GetCampaignReportAsync(
            new() { CampaignKey = campaignKey, Freshness = new() { Refresh = now } }, call.Within(ZohoReads.Limit))).ToApi());
    }

    private static async Task<Results<Ok<RecipientPage>, ProblemResult>> Recipients(
        [FromRoute(Name = "campaign_key")] string campaignKey,
        [Required, Description("sent, opened, clicked, unopened, unsubscribed, spam, hard_bounce, soft_bounce or unsent.")] string? action,
        [FromQuery(Name = "page_size"), Description(ZohoReads.PageSize)] string? pageSize,
        [FromQuery(Name = "page_token"), Description(ZohoReads.PageToken)] string? pageToken,
        [Description(ZohoReads.Refresh)] string? refresh,
        ServiceCall call,
        ResultsClient results)
    {
        if (!QueryValues.OneOf<Contract.RecipientAction>("action", action ?? "").Succeeded(out var wanted, out var failure)
            || !QueryValues.PageSize(pageSize, ZohoReads.MaxPage).Succeeded(out var size, out failure)
            || !QueryValues.Flag("refresh", refresh).Succeeded(out var now, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await results.ListCampaignRecipientsAsync(
            new()
            {
                CampaignKey = campaignKey,
                Action = wanted,
                PageSize = size,
                PageToken = pageToken ?? "",
                Freshness = new() { Refresh = now },
            },
            call.Within(ZohoReads.Limit));
        return TypedResults.Ok(new RecipientPage(
            [.. page.Recipients.Select(recipient => recipient.ToApi())],
            ContractValues.OrNull(page.NextPageToken),
            ContractValues.Time(page.ReadAt)));
    }
}
