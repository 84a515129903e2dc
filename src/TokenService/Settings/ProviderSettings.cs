using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>A tenant's settings for one provider, opened: lives in memory only and goes into no answer.</summary>
/// <param name="Row">What is set; the defaults where nothing ever was.</param>
/// <param name="Secrets">Client secret by data centre; the entry with the empty name serves all others.</param>
internal sealed record ProviderSettings(SettingsRow Row, IReadOnlyDictionary<string, string> Secrets)
{
    /// <summary>The client as <paramref name="dataCentre"/> knows it, or what must be set first.</summary>
    public Result<OAuthClient> ClientAt(DataCentre dataCentre)
    {
        if (Row.ClientId.Length == 0)
        {
            return new Failure(
                FailureKind.Precondition,
                "client_not_configured",
                "Set client_id and client_secret of the Zoho client in the integration settings first.");
        }

        return Secrets.TryGetValue(dataCentre.Code, out var secret) || Secrets.TryGetValue("", out secret)
            ? new OAuthClient(Row.ClientId, secret)
            : new Failure(
                FailureKind.Precondition,
                "client_secret_missing",
                $"No client secret is set for Zoho's data centre {dataCentre.Code}: "
                    + "copy it from the API console (Multi DC) to the integration settings.");
    }

    /// <summary>Scheme and host of the product APIs for a connection whose provider named <paramref name="granted"/>.</summary>
    public string ApiDomainOver(string granted) => Row.ApiDomain.Length > 0 ? Row.ApiDomain : granted;

    /// <summary>Organisations that the product calls are for, as far as they are known.</summary>
    public IReadOnlyList<string> OrganizationIds => Row.OrganizationId.Length > 0 ? [Row.OrganizationId] : [];
}

/// <summary>An OAuth client as one data centre knows it.</summary>
internal sealed record OAuthClient(string Id, string Secret)
{
    // the compiler's own would print the secret
    public override string ToString() => $"client {Id}";
}
