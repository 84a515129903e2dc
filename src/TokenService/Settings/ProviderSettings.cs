using System.Collections.Frozen;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>A tenant's settings for one provider: lives in memory only and goes into no answer.</summary>
/// <param name="Provider">Whose client it is.</param>
/// <param name="Row">What is set; the defaults where nothing ever was.</param>
/// <param name="Secrets">
/// Client secret by data centre; the entry with the empty name serves all others. A seal is opened where its secret is needed: a list needs none.
/// </param>
/// <param name="FeatureConnections">The connections that were chosen, by feature.</param>
internal sealed record ProviderSettings(
    OAuthProvider Provider,
    SettingsRow Row,
    IReadOnlyDictionary<string, Lazy<string>> Secrets,
    IReadOnlyDictionary<string, Guid> FeatureConnections)
{
    /// <summary>For a token that is there already, which needs no client.</summary>
    public static ProviderSettings WithoutSecrets(OAuthProvider provider, SettingsRow row) =>
        new(provider, row, FrozenDictionary<string, Lazy<string>>.Empty, FrozenDictionary<string, Guid>.Empty);

    /// <summary>Why no token is handed out; null where they are.</summary>
    public Failure? SwitchedOff => Row.Enabled ? null : ConnectionFailures.IntegrationDisabled(Provider);

    /// <summary>Where the client is registered.</summary>
    public string Region => Row.Region.Length > 0 ? Row.Region : Provider.Places[0].Code;

    /// <summary>What a connection is for where neither who connects nor the provider says so: its first feature, and those that are switched on.</summary>
    public IEnumerable<ProviderFeature> UsualFeatures =>
        Provider.Features.Where((feature, index) => index == 0 || (feature.SwitchedOff is not null && Row.CrmEnabled));

    /// <summary>The client as <paramref name="place"/> knows it, or what must be set first.</summary>
    public Result<OAuthClient> ClientAt(ProviderPlace place)
    {
        if (Row.ClientId.Length == 0)
        {
            return new Failure(
                FailureKind.Precondition,
                "client_not_configured",
                $"Set client_id and client_secret of the {place.Provider.Title} client in the integration settings first.");
        }

        return Secrets.TryGetValue(place.Code, out var secret) || Secrets.TryGetValue("", out secret)
            ? new OAuthClient(Row.ClientId, secret.Value)
            : new Failure(FailureKind.Precondition, "client_secret_missing", Provider.WhereTheSecretIs(place));
    }

    /// <summary>The features that <paramref name="connection"/> serves, in the provider's order.</summary>
    public IEnumerable<ProviderFeature> ServedBy(Guid connection) =>
        Provider.InOrder(FeatureConnections.Where(chosen => chosen.Value == connection).Select(chosen => chosen.Key));

    /// <summary>Scheme and host of the product APIs for a connection whose provider named <paramref name="granted"/>.</summary>
    public string ApiDomainOver(string granted) => Row.ApiDomain.Length > 0 ? Row.ApiDomain : granted;

    /// <summary>Organisations that the product calls are for, as far as they are known: the grant's own before the settings'.</summary>
    public IReadOnlyList<string> OrganizationIdsOver(string granted) =>
        (granted.Length > 0 ? granted : Row.OrganizationId) is { Length: > 0 } id ? [id] : [];
}
