using System.Net;
using System.Text;

namespace ZohoPlatform.Simulator.Pages;

/// <summary>The frame of the pages that a person sees while connecting an app, in each provider's name.</summary>
internal static class Page
{
    private static readonly string Frame = EmbeddedPages.Read("consent.html");

    public static IResult Zoho(string title, string body, int status) => Of("Zoho", "Zoho Accounts", title, body, status);

    public static IResult HubSpot(string title, string body, int status) => Of("HubSpot", "HubSpot", title, body, status);

    /// <summary>For everything that came with a request.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static IResult Of(string provider, string brand, string title, string body, int status) => Results.Content(
        Frame.Replace("{{provider}}", provider, StringComparison.Ordinal)
            .Replace("{{brand}}", brand, StringComparison.Ordinal)
            .Replace("{{title}}", Encode(title), StringComparison.Ordinal)
            .Replace("{{body}}", body, StringComparison.Ordinal),
        "text/html;charset=UTF-8", Encoding.UTF8, status);
}
