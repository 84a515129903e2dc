using System.CommandLine;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Campaigns.Reports;

/// <summary><c>zoho campaigns reports [KEY]</c>: recent campaigns, or the results of one.</summary>
internal static class ReportsCommand
{
    private static readonly Argument<string?> Key = new("key")
    {
        HelpName = "KEY",
        Description = "Of a campaign, for its results; without one, recent campaigns.",
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { IdSource.Campaigns.Stand },
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "At most so many campaigns.",
        DefaultValueFactory = _ => 20,
        CustomParser = result => Values.WholeNumber(result, 1),
    };

    private static readonly Option<bool> Refresh = new("--refresh") { Description = "Ask Zoho now." };

    public static Command Create()
    {
        var command = new Command("reports", "Campaigns and their results.") { Key, Limit, Refresh };
        command.Runs(async (parsed, terminal, cancellationToken) =>
        {
            using var client = Credentials.Connect(parsed, terminal);
            await (parsed.GetValue(Key) is { } key
                ? ReportAsync(client, key, parsed.GetValue(Refresh), terminal, cancellationToken)
                : ListAsync(client, parsed, terminal, cancellationToken));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ListAsync(PlatformClient client, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var campaigns = await client.Campaigns.Reports.ListAsync(parsed.GetValue(Refresh)).Take(parsed.GetValue(Limit)).ToListAsync(
            cancellationToken);
        terminal.Document(campaigns, CliJson.Default.ListCampaign);
        terminal.Table(
            ["Key", "Name", "Status", "Subject", "Sent"],
            [.. campaigns.Select(campaign => (string[])
                [campaign.Key, campaign.Name, campaign.Status ?? "-", campaign.Subject ?? "-", Words.Of(campaign.SentAt)])]);
    }

    private static async Task ReportAsync(
        PlatformClient client, string key, bool refresh, Terminal terminal, CancellationToken cancellationToken)
    {
        var report = await client.Campaigns.Reports.GetAsync(key, refresh, cancellationToken);
        terminal.Document(report, CliJson.Default.CampaignReport);
        terminal.Line(report.CampaignName ?? report.CampaignKey);
        terminal.Table(["", ">Contacts", ">Rate", "Of"], Rows(report));
        terminal.Line($"As Zoho had it at {Words.Of(report.ReadAt)}.");
    }

    private static IReadOnlyList<IReadOnlyList<string>> Rows(CampaignReport report) =>
    [
        ["sent", Words.Of(report.Sent), "", ""],
        ["delivered", Words.Of(report.Delivered), Words.Rate(report.DeliveryRate), "sent"],
        ["opened", Words.Of(report.Opened), Words.Rate(report.OpenRate), "delivered"],
        ["clicked", Words.Of(report.Clicked), Words.Rate(report.ClickRate), "delivered"],
        ["", "", Words.Rate(report.ClickToOpenRate), "opened"],
        ["bounced", Words.Of(report.HardBounces + report.SoftBounces), Words.Rate(report.BounceRate), "sent"],
        ["unsubscribed", Words.Of(report.Unsubscribed), Words.Rate(report.UnsubscribeRate), "delivered"],
        ["spam reports", Words.Of(report.SpamReports), "", ""],
        ["complaints", Words.Of(report.Complaints), "", ""],
        ["forwarded", Words.Of(report.Forwarded), "", ""],
        ["unsent", Words.Of(report.Unsent), "", ""],
    ];
}
