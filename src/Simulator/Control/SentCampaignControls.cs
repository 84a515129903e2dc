using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Control;

/// <summary>Puts campaigns into an account, sent ones with their results.</summary>
internal static class SentCampaignControls
{
    public static void MapSentCampaigns(this IEndpointRouteBuilder controls) =>
        controls.MapPost("/lists/{dataCentre}/{key}/campaigns", AddCampaign);

    private static IResult AddCampaign(
        string dataCentre, string key, Body<CampaignOrder> body, Directory directory, CampaignsAccounts accounts, StateChanges changes,
        TimeProvider clock)
    {
        if (WorldControls.FindList(dataCentre, key, directory, accounts) is not var (account, list))
        {
            return WorldControls.NoList(key);
        }

        var order = body.Value;
        if (string.IsNullOrWhiteSpace(order.Name))
        {
            return ControlProblem.Of("name", "Must not be empty.");
        }

        var status = order.Status ?? CampaignStatus.Sent;
        var figures = order.Figures ?? new();
        if (status is not CampaignStatus.Sent && order.Figures is not null)
        {
            return ControlProblem.Of("figures", "Only a campaign that was sent has any.");
        }

        if (figures is not
            {
                Unsent: >= 0, HardBounces: >= 0, SoftBounces: >= 0, Opened: >= 0, Clicked: >= 0, Unsubscribed: >= 0, Spam: >= 0,
                Complaints: >= 0, Forwards: >= 0,
            })
        {
            return ControlProblem.Of("figures", "None may be below 0.");
        }

        var (subject, from) = (order.Subject ?? order.Name, order.FromEmail ?? "news@demo.example");
        lock (account.Gate)
        {
            if (order.Key is { } wanted && account.FindCampaign(wanted) is not null)
            {
                return ControlProblem.Of("key", "There is a campaign with this key.");
            }

            var campaign = status is CampaignStatus.Sent
                ? Campaign.Send(order.Key, order.Name, subject, from, list, figures, clock.GetUtcNow())
                : Campaign.NotSent(order.Key, order.Name, subject, from, status, clock.GetUtcNow());
            if (campaign is null)
            {
                return ControlProblem.Of("figures", "They do not fit the list's active contacts, or each other.");
            }

            account.Add(campaign);
            changes.Mark();
            return Results.Json(
                new CampaignState(campaign.Key, campaign.Name, campaign.Status, campaign.Count(RecipientAction.SentContacts), campaign.Delivered),
                statusCode: StatusCodes.Status201Created);
        }
    }

    private sealed record CampaignOrder(
        string? Name, string? Key, string? Subject, string? FromEmail, CampaignStatus? Status, CampaignFigures? Figures);
}

internal sealed record CampaignState(string Key, string Name, CampaignStatus Status, int Sent, int Delivered);
