namespace ZohoPlatform.Providers.Zoho;

/// <summary>One of Zoho's data centres. An account lives in exactly one, and its tokens are worth nothing in another.</summary>
/// <param name="Code">As in the callback's <c>location</c>: <c>us</c>, <c>eu</c>, <c>in</c>...</param>
/// <param name="AccountsHost">Host of Zoho Accounts: sign-in, tokens, revocation.</param>
/// <param name="ApiHost">Host of the CRM, Books, Inventory and Invoice APIs.</param>
/// <param name="CampaignsHost">Host of the Campaigns API, which has its own; null where none is known.</param>
/// <param name="CrmUiHost">Host of the CRM that people open in a browser.</param>
/// <param name="BooksUiHost">Host of the Books that people open in a browser.</param>
/// <param name="Verified">False where Zoho's "Multi DC" pages do not list the data centre: its hosts follow the pattern of the
/// others.</param>
public sealed record DataCentre(
    string Code, string AccountsHost, string ApiHost, string? CampaignsHost, string CrmUiHost, string BooksUiHost, bool Verified)
{
    /// <summary>What a token answer calls <c>api_domain</c>: <c>https://www.zohoapis.eu</c>.</summary>
    public string ApiDomain => $"https://{ApiHost}";
}
