using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>A tenant's settings for one provider, opened: lives in memory only and goes into no answer.</summary>
/// <param name="Row">What is set; the defaults where nothing ever was.</param>
/// <param name="Secrets">Client secret by data centre; the entry with the empty name serves all others.</param>
internal sealed record ProviderSettings(SettingsRow Row, IReadOnlyDictionary<string, string> Secrets)
{
    /// <summary>The client as <paramref name="place"/> knows it, or what must be set first.</summary>
    public Result<OAuthClient> ClientAt(GrantPlace place)
    {
        if (Row.ClientId.Length == 0)
        {
            return new Failure(
                FailureKind.Precondition,
                "client_not_configured",
                $"Set client_id and client_secret of the {place.Provider.Title} client in the integration settings first.");
        }

        return Secrets.TryGetValue(place.Code, out var secret) || Secrets.TryGetValue("", out secret)
            ? new OAuthClient(Row.ClientId, secret)
            : new Failure(
                FailureKind.Precondition,
                "client_secret_missing",
                place.DataCentre is { } dataCentre
                    ? $"No client secret is set for Zoho's data centre {dataCentre.Code}: "
                        + "copy it from the API console (Multi DC) to the integration settings."
                    : "No client secret is set for HubSpot: copy it from the app's Auth page to the integration settings.");
    }

    /// <summary>Scheme and host of the product APIs for a connection whose provider named <paramref name="granted"/>.</summary>
    public string ApiDomainOver(string granted) => Row.ApiDomain.Length > 0 ? Row.ApiDomain : granted;

    /// <summary>Organisations that the product calls are for, as far as they are known: the grant's own before the settings'.</summary>
    public IReadOnlyList<string> OrganizationIdsOver(string granted) =>
        (granted.Length > 0 ? granted : Row.OrganizationId) is { Length: > 0 } id ? [id] : [];
}

/// <summary>An OAuth client as one data centre knows it.</summary>
internal sealed record OAuthClient(string Id, string Secret)
{
    // the compiler's own would print the secret
    public override string ToString() => $"client {Id}";
}
