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

    /// <summary>Never with their secrets, oldest first.</summary>
    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default) => Pages.AllAsync(
        (token, cancel) => _calls.GetAsync(
            Paths.With(Path, ("page_size", "200"), ("page_token", token)), PlatformJson.Default.ApiKeyList, cancel),
        page => (page.Keys, page.NextPageToken),
        cancellationToken);

    /// <summary>Never with its secret.</summary>
    public Task<ApiKey> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.GetAsync($"{Path}/{Paths.Part(id)}", PlatformJson.Default.ApiKey, cancellationToken);

    /// <summary>Gives it another name.</summary>
    public Task<ApiKey> RenameAsync(string id, string name, CancellationToken cancellationToken = default) => _calls.PatchAsync(
        $"{Path}/{Paths.Part(id)}", new ApiKeyChange(name), PlatformJson.Default.ApiKeyChange, PlatformJson.Default.ApiKey, cancellationToken);

    /// <summary>A new secret; the old one opens beside it for a while. The answer holds it, this once.</summary>
    /// <param name="id"><see cref="ApiKey.Id"/>.</param>
    /// <param name="rotation">How long the old one lasts.</param>
    /// <param name="idempotencyKey">A repetition with the same key rotates no second time, and gets no secret.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RotatedApiKey> RotateSecretAsync(
        string id, KeyRotation rotation, string? idempotencyKey = null, CancellationToken cancellationToken = default) => _calls.PostAsync(
        $"{Path}/{Paths.Part(id)}/rotate-secret",
        rotation,
        PlatformJson.Default.KeyRotation,
        PlatformJson.Default.RotatedApiKey,
        idempotencyKey,
        cancellationToken);

    /// <summary>It stops working within ten seconds.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _calls.DeleteAsync($"{Path}/{Paths.Part(id)}", cancellationToken);
}
