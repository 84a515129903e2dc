namespace ZohoPlatform.Gateway.Campaigns.Results;

/// <summary>What the endpoints that CampaignsService answers from Zoho have in common.</summary>
internal static class ZohoReads
{
    /// <summary>A call to Zoho with its token and its repetition; an answer that is kept comes at once.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(45);

    public const string Refresh = "true: ask Zoho where the kept answer is a minute old or more; read_at says how old the answer is.";
    public const string PageSize = "1 to 200; 50 when absent.";
    public const string PageToken = "next_page_token of the page before.";
    public const int MaxPage = 200;
}
