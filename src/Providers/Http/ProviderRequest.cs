using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Http;

/// <summary>What the handlers have to know of a request; travels in its <see cref="HttpRequestMessage.Options"/>.</summary>
/// <param name="Call">Whose token is sent.</param>
/// <param name="QuotaScope">Whose quota is used, see <see cref="QuotaGovernor.TryTakeAsync"/>.</param>
/// <param name="Quota">Which quota is used.</param>
/// <param name="Repeatable">Whether sending it twice does no more than sending it once.</param>
internal sealed record ProviderRequest(ProviderCall Call, string QuotaScope, QuotaMethod Quota, bool Repeatable)
{
    /// <summary>Whether an answer refuses the token, also where its status is not 401: only its provider can tell.</summary>
    public Func<ProviderAnswer, bool> RefusesToken { get; init; } = _ => false;

    /// <summary>
    /// What it is where the provider refuses a token that it accepts elsewhere, and did not say what the grant covers: the scope is missing.
    /// Null where the grant is known to cover it.
    /// </summary>
    public Failure? NotCovered { get; init; }

    private static readonly HttpRequestOptionsKey<ProviderRequest> Key = new("ZohoPlatform.ProviderRequest");

    public void AttachTo(HttpRequestMessage request) => request.Options.Set(Key, this);

    public static ProviderRequest Of(HttpRequestMessage request) =>
        Find(request) ?? throw new InvalidOperationException($"The request to {request.RequestUri?.Host} says not on whose behalf it is sent.");

    /// <summary>The same of a request that may not be one of ours.</summary>
    public static ProviderRequest? Find(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var attached) ? attached : null;
}
