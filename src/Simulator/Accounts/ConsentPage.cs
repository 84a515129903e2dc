using System.Globalization;
using System.Text;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.Pages;
using ZohoPlatform.Simulator.Traffic;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>The pages a person sees while connecting an app. Everything that came with the request is encoded.</summary>
internal static class ConsentPage
{
    private static readonly string[] Kept = ["client_id", "redirect_uri", "response_type", "scope", "access_type", "prompt", "state"];

    public static IResult Ask(
        ProviderCall call, ProviderParameters parameters, ConsentRequest asked, IReadOnlyList<ZohoUser> users, Directory directory)
    {
        var body = new StringBuilder();
        body.Append(CultureInfo.InvariantCulture, $"""
            <h1><span class="app">{Page.Encode(asked.Client.Name)}</span> would like to use your Zoho account</h1>
            <form method="post" action="/{call.Host}/oauth/v2/approve">

            """);
        foreach (var name in Kept.Where(name => parameters[name] is not null))
        {
            body.Append(CultureInfo.InvariantCulture, $"""<input type="hidden" name="{name}" value="{Page.Encode(parameters[name]!)}">""");
        }

        body.Append("""<label for="account">Data centre and account</label><select id="account" name="account">""").Append('\n');
        foreach (var group in users.GroupBy(user => user.DataCentre, StringComparer.Ordinal))
        {
            body.Append(CultureInfo.InvariantCulture, $"""<optgroup label="{group.Key} ({DataCentre.Find(group.Key)!.AccountsHost})">""");
            foreach (var user in group)
            {
                var organisation = directory.FindOrganisation(user.OrganisationId)?.Name;
                var name = Page.Encode($"{user.DataCentre}: {user.Email}, {organisation}");
                body.Append(CultureInfo.InvariantCulture, $"""<option value="{user.Zuid}">{name}</option>""");
            }

            body.Append("</optgroup>\n");
        }

        body.Append("</select>\n<h2>It asks to</h2>\n<ul>\n");
        foreach (var scope in asked.Scopes)
        {
            var words = Scopes.Describe(scope)!.Split(": ", 2);
            body.Append(
                CultureInfo.InvariantCulture,
                $"<li><strong>{Page.Encode(words[0])}</strong> {Page.Encode(words[1])} <code>{Page.Encode(scope)}</code></li>\n");
        }

        body.Append("</ul>\n");
        if (asked.Refreshable is not Refreshable.Never)
        {
            body.Append("""<p class="note">It may do so while you are away, until you end it.</p>""").Append('\n');
        }

        body.Append(CultureInfo.InvariantCulture, $"""
            <p class="note">Afterwards you return to <code>{Page.Encode(asked.RedirectUri)}</code>.</p>
            <div class="actions">
            <button id="accept" class="accept" name="decision" value="accept">Accept</button>
            <button id="reject" name="decision" value="reject">Reject</button>
            </div>
            </form>

            """);
        return Page.Zoho("Allow access", body.ToString(), StatusCodes.Status200OK);
    }

    public static IResult Error(string title, string text) =>
        Page.Zoho(title, $"""<h1 class="error">{Page.Encode(title)}</h1><p>{Page.Encode(text)}</p>""", StatusCodes.Status400BadRequest);
}
