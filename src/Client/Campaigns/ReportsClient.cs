using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>Campaigns and their results as Zoho has them. What was read is kept for a while by the platform.</summary>
public sealed class ReportsClient
{
    private const string Path = "api/v1/campaigns/reports";

    private readonly GatewayCalls _calls;

    internal ReportsClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Recent campaigns, newest first. Role needed: viewer.</summary>
    /// <param name="refresh">Asks Zoho now.</param>
    public IAsyncEnumerable<Campaign> ListAsync(bool refresh = false) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(Path, ("page_size", "200"), ("page_token", token), ("refresh", Paths.Refresh(refresh))),
            PlatformJson.Default.CampaignPage,
            cancellationToken),
        page => (page.Campaigns, page.NextPageToken));

    /// <summary>Role needed: viewer.</summary>
    /// <param name="key"><see cref="Campaign.Key"/>.</param>
    /// <param name="refresh">Asks Zoho now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<CampaignReport> GetAsync(
        string key, bool refresh = false, CancellationToken cancellationToken = default) => _calls.GetAsync(
        Paths.With($"{Path}/{Paths.Part(key)}", ("refresh", Paths.Refresh(refresh))),
        PlatformJson.Default.CampaignReport,
        cancellationToken);

    /// <summary>Who did what with a campaign. Role needed: viewer.</summary>
    /// <param name="key"><see cref="Campaign.Key"/>.</param>
    /// <param name="action">What they did, or what became of their mail.</param>
    /// <param name="refresh">Asks Zoho now.</param>
    public IAsyncEnumerable<Subscriber> RecipientsAsync(string key, RecipientAction action, bool refresh = false) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            Paths.With(
                $"{Path}/{Paths.Part(key)}/recipients",
                ("action", ApiName.Of(action)),
                ("page_size", "200"),
                ("page_token", token),
                ("refresh", Paths.Refresh(refresh))),
            PlatformJson.Default.RecipientPage,
            cancellationToken),
        page => (page.Recipients, page.NextPageToken));
}
