using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Simulator.Pages;
using ZohoPlatform.Simulator.Traffic;

namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>
/// The page where a person installs the app in a HubSpot account. A rejection goes back to the app; a wrong client, address or scope is a page
/// that never does. HubSpot, "Working with OAuth".
/// </summary>
internal static class HubSpotConsentEndpoints
{
    private static readonly string[] Kept = ["client_id", "redirect_uri", "scope", "optional_scope", "state"];

    public static void MapHubSpotConsent(this IEndpointRouteBuilder app)
    {
        app.MapGet("/oauth/authorize", Ask).WithMetadata(new Operation("hubspot.consent_page"));
        app.MapPost("/oauth/approve", Decide).WithMetadata(new Operation("hubspot.consent")).DisableAntiforgery();
    }

    private static IResult Ask(ProviderCall call, ProviderParameters parameters, HubSpotDemo demo)
    {
        if (Read(call, parameters, demo.App, out var asked) is { } problem)
        {
            return problem;
        }

        call.Outcome = "shown";
        var body = new StringBuilder();
        body.Append(CultureInfo.InvariantCulture, $"""
            <h1><span class="app">{Page.Encode(demo.App.Name)}</span> would like to be connected to your HubSpot account</h1>
            <form method="post" action="/{call.Host}/oauth/approve">

            """);
        foreach (var name in Kept.Where(name => parameters[name] is not null))
        {
            body.Append(CultureInfo.InvariantCulture, $"""<input type="hidden" name="{name}" value="{Page.Encode(parameters[name]!)}">""");
        }

        body.Append("""<label for="account">Account</label><select id="account" name="account">""").Append('\n');
        foreach (var portal in HubSpotDemo.Portals)
        {
            var name = Page.Encode($"{portal.Domain} ({portal.HubId}, {portal.DataHostingLocation}): {portal.Email}");
            body.Append(CultureInfo.InvariantCulture, $"""<option value="{portal.HubId}">{name}</option>""");
        }

        body.Append("</select>\n<h2>It asks to</h2>\n<ul>\n");
        foreach (var scope in asked.Scopes)
        {
            body.Append(CultureInfo.InvariantCulture, $"<li>{Page.Encode(HubSpotDemo.Describe(scope))} <code>{Page.Encode(scope)}</code></li>\n");
        }

        body.Append(CultureInfo.InvariantCulture, $"""
            </ul>
            <p class="note">Afterwards you return to <code>{Page.Encode(asked.RedirectUri)}</code>.</p>
            <div class="actions">
            <button id="accept" class="accept" name="decision" value="accept">Connect app</button>
            <button id="reject" name="decision" value="reject">Cancel</button>
            </div>
            </form>

            """);
        return Page.HubSpot("Connect an app", body.ToString(), StatusCodes.Status200OK);
    }

    private static IResult Decide(ProviderCall call, ProviderParameters parameters, HubSpotDemo demo, HubSpotLedger ledger)
    {
        if (Read(call, parameters, demo.App, out var asked) is { } problem)
        {
            return problem;
        }

        var answer = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (parameters["decision"] is "accept")
        {
            if (!long.TryParse(parameters["account"], CultureInfo.InvariantCulture, out var hubId) || HubSpotDemo.FindPortal(hubId) is null)
            {
                return Error(call, "no_account", "Account not found", "Choose one of the accounts of the page.");
            }

            call.Outcome = "success";
            answer["code"] = ledger.IssueCode(new(hubId, asked.Scopes), asked.RedirectUri);
        }
        else
        {
            call.Outcome = "access_denied";
            answer["error"] = "access_denied";
            answer["error_description"] = "The user refused to connect the app.";
        }

        if (parameters["state"] is { } state)
        {
            answer["state"] = state;
        }

        return Results.Redirect(QueryHelpers.AddQueryString(asked.RedirectUri, answer));
    }

    private static IResult? Read(ProviderCall call, ProviderParameters parameters, HubSpotApp app, out Asked asked)
    {
        asked = null!;
        if (parameters["client_id"] != app.ClientId)
        {
            return Error(call, "bad_client_id", "This app does not exist", "There is no app with this client id.");
        }

        if (parameters["redirect_uri"] is not { } redirectUri || !app.RedirectUris.Contains(redirectUri, StringComparer.Ordinal))
        {
            return Error(call, "bad_redirect_uri", "Redirect URL mismatch", "The redirect URL is not one of those in the app's Auth settings.");
        }

        var scopes = Split(parameters["scope"]);
        if (scopes.Length == 0 || scopes.Except(app.Scopes, StringComparer.Ordinal).Any())
        {
            return Error(call, "missing_scopes", "Authorization failed", "The scopes do not match those in the app's Auth settings.");
        }

        // an account that lacks an optional scope connects without it
        var optional = Split(parameters["optional_scope"]).Intersect(app.Scopes, StringComparer.Ordinal);
        asked = new(redirectUri, [.. scopes.Union(optional, StringComparer.Ordinal)]);
        return null;
    }

    private static string[] Split(string? scopes) => (scopes ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IResult Error(ProviderCall call, string outcome, string title, string text)
    {
        call.Outcome = outcome;
        return Page.HubSpot(
            title, $"""<h1 class="error">{Page.Encode(title)}</h1><p>{Page.Encode(text)}</p>""", StatusCodes.Status400BadRequest);
    }

    private sealed record Asked(string RedirectUri, IReadOnlyList<string> Scopes);
}
