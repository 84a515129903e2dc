using ZohoPlatform.Api.Keys;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.ApiKeys;

/// <summary>The tenant's API keys. Role needed: admin.</summary>
public sealed class ApiKeysClient
{
    private const string Path = "api/v1/admin/keys";

    private readonly GatewayCalls _calls;

    internal ApiKeysClient(GatewayCalls calls) => _calls = calls;

    /// <summary>The answer holds the key's secret, this once: it is not given again, also not to a repetition.</summary>
    public Task<CreatedApiKey> CreateAsync(NewApiKey key, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        _calls.PostAsync(Path, key, PlatformJson.Default.NewApiKey, PlatformJson.Default.CreatedApiKey, idempotencyKey, cancellationToken);

    /// <summary>Never with their secrets.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default) =>
        (await _calls.GetAsync(Path, PlatformJson.Default.ApiKeyList, cancellationToken)).Keys;

    /// <summary>It stops working within ten seconds.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);
}
