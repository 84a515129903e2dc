using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Rest;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>What a person sees who connects a provider.</summary>
internal static class OAuthPages
{
    /// <summary>Who asks for what, before anybody is sent anywhere.</summary>
    public static HtmlPage Asked(Authorization authorization, string tenant, string goOn)
    {
        var provider = authorization.ProviderTitle;
        return new HtmlPage(
            StatusCodes.Status200OK,
            PageMood.Question,
            $"Connect {provider} to {tenant}",
            $"{tenant} asks for access to a {provider} account. Sign in there as the account's owner and accept; your password stays at {provider}, "
                + "and you can take the access back there at any time. If you do not know who asked, close this page.")
        {
            Facts =
            [
                new("For", tenant),
                .. FactsOf(authorization.DataCentre, authorization.Owner, authorization.Features),
                new("Asks for", string.Join(", ", authorization.Scopes)),
                new("Good until", $"{authorization.ExpiresAt.ToDateTimeOffset():yyyy-MM-dd HH:mm} UTC, once"),
            ],
            Button = ($"Go on to {provider}", goOn),
        };
    }

    public static HtmlPage Connected(Connection connection, string tenant)
    {
        var provider = connection.ProviderTitle;
        List<PageFact> facts = [new("Provider", provider), new("For", tenant), .. AccountOf(connection)];
        facts.AddRange(FactsOf(connection.DataCentre, connection.Owner, connection.Features));
        facts.Add(new("Granted", connection.GrantedScopes.Count == 0 ? "the provider did not say" : string.Join(", ", connection.GrantedScopes)));
        if (connection.MissingScopes.Count > 0)
        {
            facts.Add(new("Missing", string.Join(", ", connection.MissingScopes), IsMissing: true));
        }

        return new HtmlPage(
            StatusCodes.Status200OK,
            PageMood.Good,
            $"{provider} is connected to {tenant}",
            connection.MissingScopes.Count == 0
                ? "The platform has what it needs. You can close this page."
                : "It works in part: some permissions were not given. Connect once more and accept all of them.")
        {
            Facts = facts,
        };
    }

    /// <summary>Of a link that has done its work. Whoever has the link sees it, so that it names no account.</summary>
    public static HtmlPage ConnectedBefore(Connection connection, string tenant) => new(
        StatusCodes.Status200OK,
        PageMood.Good,
        $"{connection.ProviderTitle} is connected to {tenant}",
        "It was connected with this link. There is nothing more to do here: you can close this page.")
    {
        Facts = [new("For", tenant), .. FactsOf(connection.DataCentre, connection.Owner, connection.Features)],
    };

    // whose it is, as far as the provider says: its mail address or portal, and what lies behind it
    private static IEnumerable<PageFact> AccountOf(Connection connection)
    {
        yield return new("Account", connection.AccountName.Length > 0 ? connection.AccountName : "the provider did not say");
        var organizations = string.Join(", ", connection.OrganizationIds);
        if (organizations.Length > 0 && organizations != connection.AccountName)
        {
            yield return new("Organization", organizations);
        }
    }

    private static IEnumerable<PageFact> FactsOf(string dataCentre, string owner, IEnumerable<string> features) =>
    [
        .. dataCentre.Length > 0 ? (PageFact[])[new("Data centre", dataCentre)] : [],
        new("Owner", owner),
        new("Used for", string.Join(", ", features)),
    ];
}
