using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Http;

/// <summary>What the handlers have to know of a request; travels in its <see cref="HttpRequestMessage.Options"/>.</summary>
/// <param name="Call">Whose token is sent.</param>
/// <param name="QuotaScope">Whose quota is used, see <see cref="QuotaGovernor"/>.</param>
/// <param name="Quota">Which quota is used.</param>
/// <param name="Repeatable">Whether sending it twice does no more than sending it once.</param>
internal sealed record ProviderRequest(ProviderCall Call, string QuotaScope, QuotaMethod Quota, bool Repeatable)
{
    /// <summary>As how many calls the provider counts it.</summary>
    public int Cost { get; init; } = 1;

    /// <summary>How many calls of its kinds may be under way at once; empty where the provider has no such limit.</summary>
    public IReadOnlyList<ConcurrencyLimit> Concurrency { get; init; } = [];

    /// <summary>
    /// The caller reads a success itself, piece by piece: no handler keeps it in memory. A refusal is read whole as always.
    /// </summary>
    public bool IsStreamed { get; init; }

    /// <summary>
    /// Whether an answer refuses the token, whatever its status: only its provider can tell. Null where the status says it: 401 does.
    /// </summary>
    public Func<ProviderAnswer, bool?> RefusesToken { get; init; } = _ => null;

    /// <summary>
    /// What it is where the provider refuses a token that it accepts elsewhere, and did not say what the grant covers: the scope is missing.
    /// Null where the grant is known to cover it.
    /// </summary>
    public Failure? NotCovered { get; init; }

    private static readonly HttpRequestOptionsKey<ProviderRequest> Key = new("ZohoPlatform.ProviderRequest");

    /// <summary>Whether the body of <paramref name="response"/> is left to the caller.</summary>
    public bool LeavesBodyOf(HttpResponseMessage response) => IsStreamed && response.IsSuccessStatusCode;

    public void AttachTo(HttpRequestMessage request) => request.Options.Set(Key, this);

    /// <summary>Null for one that says not on whose behalf it is sent.</summary>
    public static ProviderRequest? Find(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var attached) ? attached : null;

    public static ProviderRequest Of(HttpRequestMessage request) =>
        Find(request) is { } attached
            ? attached
            : throw new InvalidOperationException($"The request to {request.RequestUri?.Host} says not on whose behalf it is sent.");
}
