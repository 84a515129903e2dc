using System.ComponentModel;
using System.Text.RegularExpressions;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Telemetry;

namespace ZohoPlatform.Gateway.Messaging;

/// <summary>
/// Where a button in a chat leads: on to the conversation's record in Zoho CRM. Zoho asks there who it is; the link itself opens nothing.
/// </summary>
internal static partial class OpenLinkEndpoint
{
    private static readonly ProblemResult LeadsElsewhere = new(
        StatusCodes.Status500InternalServerError,
        "link_leads_elsewhere",
        "This link does not lead to Zoho CRM, and was not followed. Tell the platform's operator the trace id.");

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOpenLink() => routes.MapGet("/open/{token}", Open).WithTags("Messaging")
            .AllowAnonymous()
            .WithMetadata(new LimitedPerAddress("open-link"), new ForPeople("Not opened"), new SecretPath())
            .Produces(StatusCodes.Status302Found)
            .Produces<string>(StatusCodes.Status200OK, "text/html")
            .Describe(
                "openConversationLink",
                "Opens a conversation in Zoho CRM",
                "The open_url of a conversation's link. Sends the browser on to the record; a page says so while there is none yet.")
            .FailsWithPage(404, 429, 500, 503)
            .WithAnyParameters();
    }

    public static string PathOf(string token) => $"/open/{Uri.EscapeDataString(token)}";

    private static async Task<IResult> Open(
        [Description("From a link that this platform gave.")] string token,
        HttpResponse http,
        ServiceCalls calls,
        Conversations.ConversationsClient conversations,
        CancellationToken cancellationToken)
    {
        // the tenant is the token's, which only the service can open
        var link = await conversations.OpenLinkAsync(new() { Token = token }, calls.AsItself(TenantId.None, cancellationToken));
        if (link.Url.Length == 0)
        {
            return new HtmlPage(StatusCodes.Status200OK, PageMood.Question, "Not in Zoho CRM yet", link.Message)
            {
                Button = ("Try again", PathOf(token)),
            };
        }

        if (!LeadsToZohoCrm(link.Url))
        {
            return LeadsElsewhere;
        }

        http.Headers.CacheControl = "no-store";
        return TypedResults.Redirect(link.Url);
    }

    private static bool LeadsToZohoCrm(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && address is { Scheme: "https", IsDefaultPort: true, UserInfo: "" }
        && CrmHost().IsMatch(address.IdnHost);

    // those of src/Providers/Zoho/DataCentres.cs: with the domain of its country, or zohocloud in Canada
    [GeneratedRegex(
        @"^crm\.(zoho\.(com|eu|in|com\.au|jp|com\.cn|sa|uk|ae|sg)|zohocloud\.ca)\z",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CrmHost();
}
