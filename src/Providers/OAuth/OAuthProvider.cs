using System.Text;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.OAuth;

/// <summary>
/// A provider as the token service knows it: its name, what its connections are for, and how its OAuth goes. All that is a provider's own is in
/// the class that derives from this one, in the provider's folder; who adds a provider adds that class to the services and nothing else.
/// </summary>
/// <remarks>What is sent is not cancelled: the provider works on it, and counts it, whether anybody waits or not.</remarks>
public abstract class OAuthProvider
{
    /// <summary>In requests, rows, ids and the audit: <c>zoho</c>. Lower-case letters.</summary>
    public abstract string Name { get; }

    /// <summary>As the provider writes itself.</summary>
    public abstract string Title { get; }

    /// <summary>What its connections can be used for; the first one where nothing else is known.</summary>
    public abstract IReadOnlyList<ProviderFeature> Features { get; }

    /// <summary>Its data centres, the usual one first; or the only place.</summary>
    public abstract IReadOnlyList<ProviderPlace> Places { get; }

    /// <summary>How its product APIs want an access token: the scheme of the Authorization header (RFC 9110, 11.4).</summary>
    public virtual string AuthorizationScheme => "Bearer";

    /// <summary>What it allows with a refresh token.</summary>
    public abstract RefreshRules Refreshes { get; }

    /// <summary>Whether there are data centres to choose from.</summary>
    public bool HasDataCentres => Places[0].Code.Length > 0;

    /// <summary>Whether its console gives codes for a client without a consent page, as Zoho's does for self clients.</summary>
    public virtual bool GivesGrantCodes => false;

    /// <summary>Whether a grant can be taken back without a client.</summary>
    public virtual bool RevokesWithoutClient => false;

    /// <summary>What a person's refusal on the consent page is.</summary>
    public virtual Failure AccessDenied => new(
        FailureKind.Precondition, "access_denied", $"Access was refused in {Title}. Connect again and accept.");

    /// <summary>What is missing where a grant came without a refresh token.</summary>
    public virtual Failure NoRefreshToken => new(
        FailureKind.Precondition,
        "no_refresh_token",
        $"{Title} gave no refresh token, so the connection would end within the hour; nothing was connected. "
            + "Connect again and accept the consent page.");

    /// <summary>The place of that name in any case; for a provider without data centres its only one, whatever is said.</summary>
    public virtual ProviderPlace? FindPlace(string code) => HasDataCentres
        ? Places.FirstOrDefault(place => string.Equals(place.Code, code, StringComparison.OrdinalIgnoreCase))
        : Places[0];

    /// <summary>The place that a row names.</summary>
    /// <exception cref="InvalidOperationException">It names none.</exception>
    public ProviderPlace PlaceOf(string code) =>
        FindPlace(code) ?? throw new InvalidOperationException($"{Title} has no data centre {code}.");

    /// <summary>The feature of that name; null where this provider has none.</summary>
    public ProviderFeature? FindFeature(string name) =>
        Features.FirstOrDefault(feature => string.Equals(feature.Name, name, StringComparison.Ordinal));

    /// <summary>The named features, each once, in the order in which this provider has them.</summary>
    public IEnumerable<ProviderFeature> InOrder(IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        return Features.Where(feature => wanted.Contains(feature.Name));
    }

    /// <summary>What the consent page asks for: what the features need, and what the customer wants beside it.</summary>
    public virtual IReadOnlyList<string> ScopesToAskFor(IEnumerable<string> features, IEnumerable<string> extraScopes) =>
        [.. ScopesOf(features).Concat(extraScopes).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// What the features and the extra scopes lack. Empty where the provider did not say what it granted: then nothing is known to be missing.
    /// </summary>
    public IReadOnlyList<string> MissingScopes(
        IEnumerable<string> features, IEnumerable<string> extraScopes, IReadOnlyCollection<string> granted) => granted.Count == 0
            ? []
            : [.. ScopesOf(features).Concat(extraScopes).Distinct(StringComparer.Ordinal).Where(needed => !granted.Any(scope => Covers(scope, needed)))];

    /// <summary>The features of whose scopes a grant has at least one; all of them where the provider did not say what it granted.</summary>
    public IEnumerable<ProviderFeature> ServedWith(IReadOnlyCollection<string> granted) =>
        Features.Where(feature => granted.Count == 0 || feature.Scopes.Any(needed => granted.Any(scope => Covers(scope, needed))));

    /// <summary>What was granted beyond what is asked for with these features and extra scopes.</summary>
    public IEnumerable<string> ScopesBeyond(
        IEnumerable<string> features, IEnumerable<string> extraScopes, IReadOnlyCollection<string> granted)
    {
        var asked = ScopesToAskFor(features, extraScopes);
        return granted.Where(scope => !asked.Any(one => Covers(one, scope)));
    }

    /// <summary>The API domain as this provider's table has it, of an exact origin that a person named; null where it is none of its own.</summary>
    public virtual string? FindApiDomain(string origin) =>
        Places.FirstOrDefault(place => string.Equals(place.ApiDomain, origin, StringComparison.Ordinal))?.ApiDomain;

    /// <summary>
    /// Where the code of a callback is exchanged; null where the callback, which anybody can write, names no place of this provider's or
    /// contradicts itself.
    /// </summary>
    /// <param name="location">The callback's data centre; empty where it names none.</param>
    /// <param name="accountsServer">The callback's host for tokens; empty where it names none.</param>
    /// <param name="begun">Where the flow began.</param>
    public virtual ProviderPlace? PlaceOfCallback(string location, string accountsServer, ProviderPlace begun) => begun;

    /// <summary>Other places where a refresh token that <paramref name="asked"/> does not accept may belong to.</summary>
    public virtual IEnumerable<ProviderPlace> PlacesToProbe(ProviderPlace asked) => [];

    /// <summary>Where a missing client secret is copied from.</summary>
    public virtual string WhereTheSecretIs(ProviderPlace place) => $"No client secret is set for {place}: copy it to the integration settings.";

    /// <summary>The page where a person consents to <paramref name="scopes"/>, which <see cref="ScopesToAskFor"/> has.</summary>
    public abstract Uri ConsentPage(
        ProviderPlace place, string clientId, string redirectUri, IReadOnlyCollection<string> scopes, string state);

    /// <summary>A code becomes a grant; <paramref name="redirectUri"/> is null for a code of <see cref="GivesGrantCodes"/>.</summary>
    public abstract Task<Result<TokenGrant>> ExchangeCodeAsync(ProviderPlace place, OAuthClient client, string code, string? redirectUri);

    /// <summary>A new access token for a refresh token.</summary>
    public abstract Task<Result<TokenGrant>> RefreshAsync(ProviderPlace place, OAuthClient client, string refreshToken);

    /// <summary>A refresh token from elsewhere becomes a grant.</summary>
    public virtual async Task<Result<TokenGrant>> AdoptAsync(ProviderPlace place, OAuthClient client, string refreshToken) =>
        (await RefreshAsync(place, client, refreshToken)).Succeeded(out var grant, out var failure)
            ? grant with { RefreshToken = grant.RefreshToken ?? refreshToken }
            : failure;

    /// <summary>Takes a grant back; <paramref name="client"/> is null at most where <see cref="RevokesWithoutClient"/>.</summary>
    public abstract Task<Result<RevokeOutcome>> RevokeAsync(ProviderPlace place, OAuthClient? client, string refreshToken);

    /// <summary>
    /// Calls the provider with an access token and says what it knows. <see cref="FailureKind.Forbidden"/> where this does not tell a bad
    /// token from a good one: only a new one does.
    /// </summary>
    public abstract Task<Result<string>> DescribeAsync(ProviderPlace place, string accessToken);

    /// <summary>
    /// Whether the provider knows this access token as good, where a call of a product that it refused does not say whether the token or a
    /// missing scope is the reason. False where it is not known, or the products say it themselves.
    /// </summary>
    public virtual Task<bool> AcceptsAsync(ProviderPlace place, string accessToken) => Task.FromResult(false);

    /// <summary>The person who gave the grant, as the provider knows them; null where it does not say, or nobody needs to know.</summary>
    public virtual Task<ProviderUser?> FindUserAsync(ProviderPlace place, TokenGrant grant) => Task.FromResult<ProviderUser?>(null);

    /// <summary>What a refused refresh says about the connection.</summary>
    public virtual RefusedRefresh Judge(Failure failure) => failure switch
    {
        { Code: "grant_revoked" } => RefusedRefresh.GrantGone,
        { Code: "client_refused" or "client_secret_refused" } => RefusedRefresh.Misconfigured,
        { Kind: FailureKind.RateLimited } => RefusedRefresh.Throttled,
        _ => RefusedRefresh.Transient,
    };

    /// <summary>Whether what was granted covers what is needed.</summary>
    protected virtual bool Covers(string granted, string needed) => string.Equals(granted, needed, StringComparison.OrdinalIgnoreCase);

    /// <summary>The address with a query of these parameters.</summary>
    protected static Uri Page(string address, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return new Uri($"{address}{query}");
    }

    private IEnumerable<string> ScopesOf(IEnumerable<string> features) =>
        InOrder(features).SelectMany(feature => feature.Scopes).Distinct(StringComparer.Ordinal);
}
