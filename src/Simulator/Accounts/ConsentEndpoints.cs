using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.Traffic;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>What the app asks for, as it stands in the address of the consent page and in the page's hidden fields.</summary>
internal sealed record ConsentRequest(
    OAuthClient Client, string RedirectUri, IReadOnlyList<string> Scopes, Refreshable Refreshable, string? State);

/// <summary>
/// The authorization request in the browser. A rejection goes back to the app; a wrong client, address or scope is a page that never does.
/// Zoho Accounts, "Authorization request".
/// </summary>
internal static class ConsentEndpoints
{
    public static void MapConsent(this IEndpointRouteBuilder accounts)
    {
        accounts.MapGet("/oauth/v2/auth", Ask).WithMetadata(new Operation("consent_page"));
        accounts.MapPost("/oauth/v2/approve", Decide).WithMetadata(new Operation("consent")).DisableAntiforgery();
    }

    private static IResult Ask(HttpContext context, ProviderCall call, ProviderParameters parameters, Directory directory)
    {
        if (!TryRead(call, parameters, directory, out var asked, out var error))
        {
            return ConsentPage.Error(error.Title, error.Text);
        }

        call.Outcome = "shown";
        return ConsentPage.Ask(call, parameters, asked, UsersFor(call.DataCentre, asked.Client, directory), directory);
    }

    private static IResult Decide(
        ProviderCall call, ProviderParameters parameters, Directory directory, TokenLedger ledger, SettingsStore settings)
    {
        if (!TryRead(call, parameters, directory, out var asked, out var error))
        {
            return ConsentPage.Error(error.Title, error.Text);
        }

        var user = UsersFor(call.DataCentre, asked.Client, directory)
            .FirstOrDefault(user => user.Zuid.ToString(System.Globalization.CultureInfo.InvariantCulture) == parameters["account"]);
        if (parameters["decision"] is "accept" && user is null)
        {
            call.Outcome = "no_account";
            return ConsentPage.Error("Account not found", "Choose one of the accounts of the page.");
        }

        var code = parameters["decision"] is "accept" && user is not null
            ? ledger.IssueCode(
                new(asked.Client.ClientId, user.Zuid, user.DataCentre, asked.Scopes),
                asked.RedirectUri, asked.Refreshable, TimeSpan.FromSeconds(settings.Current.CodeSeconds))
            : null;

        var answer = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (code is null)
        {
            // the user said no, or the client has had its ten codes of the last ten minutes
            call.Outcome = "access_denied";
            answer["error"] = "access_denied";
        }
        else
        {
            call.Outcome = "success";
            answer["code"] = code;
            if (asked.Client.Secrets.Count > 1)
            {
                answer["location"] = user!.DataCentre;
            }

            answer["accounts-server"] = $"https://{DataCentre.Find(user!.DataCentre)!.AccountsHost}";
        }

        if (asked.State is not null)
        {
            answer["state"] = asked.State;
        }

        return Results.Redirect(QueryHelpers.AddQueryString(asked.RedirectUri, answer));
    }

    /// <summary>Everyone who can sign in here. China's accounts start, and stay, at China's own host.</summary>
    private static List<ZohoUser> UsersFor(DataCentre asked, OAuthClient client, Directory directory) =>
    [
        .. DataCentre.All
            .Where(dc => client.Secrets.ContainsKey(dc.Code) && dc.Code is "cn" == asked.Code is "cn")
            .OrderBy(dc => dc == asked ? 0 : 1)
            .SelectMany(dc => directory.UsersOf(dc.Code)),
    ];

    private static bool TryRead(
        ProviderCall call, ProviderParameters parameters, Directory directory, out ConsentRequest asked,
        out (string Title, string Text) error)
    {
        asked = null!;
        error = default;
        if (directory.FindClient(parameters["client_id"]) is not { } client || !client.Secrets.ContainsKey(call.DataCentre.Code))
        {
            call.Outcome = "invalid_client";
            error = ("Invalid Client", "Client ID passed does not exist in this data centre.");
            return false;
        }

        if (parameters["redirect_uri"] is not { } redirectUri || !client.RedirectUris.Contains(redirectUri, StringComparer.Ordinal))
        {
            call.Outcome = "invalid_redirect_uri";
            error = ("Invalid Redirect Uri", "Redirect URI passed does not match with the one configured.");
            return false;
        }

        if (parameters["response_type"] is not "code")
        {
            call.Outcome = "invalid_response_type";
            error = ("Invalid Response Type", "The response type passed is not \"code\".");
            return false;
        }

        var scopes = Scopes.Parse(parameters["scope"]);
        if (scopes.Count == 0 || Scopes.FirstUnknown(scopes) is not null)
        {
            call.Outcome = "invalid_scope";
            error = ("Invalid OAuth Scope", $"Scope does not exist: {Scopes.FirstUnknown(scopes) ?? "none was passed"}");
            return false;
        }

        var refreshable = (parameters["access_type"], parameters["prompt"]) switch
        {
            ("offline", "consent") => Refreshable.Always,
            ("offline", _) => Refreshable.FirstTime,
            _ => Refreshable.Never,
        };
        asked = new(client, redirectUri, scopes, refreshable, parameters["state"]);
        return true;
    }
}
