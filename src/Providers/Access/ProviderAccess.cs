using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Access;

/// <summary>
/// A tenant's access to a provider: one call of the token service, and none while its answer is in memory. A failure is the token service's
/// own and is never kept: who connects is connected at once.
/// </summary>
public sealed class ProviderAccess
{
    // longer than the token service itself waits for a refresh, so that its reason arrives and not only that it took long
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(12);

    private readonly AccessTokens.AccessTokensClient _tokens;
    private readonly Tickets _tickets;
    private readonly AccessMemory _memory;

    internal ProviderAccess(AccessTokens.AccessTokensClient tokens, Tickets tickets, AccessMemory memory) =>
        (_tokens, _tickets, _memory) = (tokens, tickets, memory);

    /// <summary>The token of the connection that serves <paramref name="feature"/> for the tenant.</summary>
    public Task<Result<ProviderToken>> ForFeatureAsync(
        TenantId tenant, string feature, string purpose, CancellationToken cancellationToken) => GetAsync(
        new AccessMemory.Key(tenant, feature, null, purpose), new GetAccessTokenRequest { Feature = feature }, cancellationToken);

    /// <summary>The token of this connection of the tenant.</summary>
    public Task<Result<ProviderToken>> ForConnectionAsync(
        TenantId tenant, string connectionId, string purpose, CancellationToken cancellationToken) => GetAsync(
        new AccessMemory.Key(tenant, null, connectionId, purpose),
        new GetAccessTokenRequest { ConnectionId = connectionId },
        cancellationToken);

    /// <summary>Whether a feature is switched on for the tenant, and since when; null where it always was.</summary>
    public async Task<Result<FeatureState>> SwitchOfAsync(TenantId tenant, string feature, CancellationToken cancellationToken)
    {
        var request = new GetFeatureSwitchRequest { Feature = feature };
        var asked = await AskAsync(tenant, async options => await _tokens.GetFeatureSwitchAsync(request, options), cancellationToken);
        return asked.Succeeded(out var answer, out var failure)
            ? new FeatureState(answer.On, answer.OnSince?.ToDateTimeOffset())
            : failure;
    }

    /// <summary>
    /// Tells that the provider refused <paramref name="rejected"/>, so that it is replaced for everyone, and gets the token to use from now on:
    /// the same one where there is no better.
    /// </summary>
    public async Task<Result<ReplacedToken>> ReplaceAsync(
        TenantId tenant, ProviderToken rejected, string purpose, CancellationToken cancellationToken)
    {
        _memory.Forget(tenant, rejected);
        var report = new ReportRejectedTokenRequest
        {
            ConnectionId = rejected.ConnectionId,
            TokenSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rejected.AccessToken))),
        };
        var reported = await AskAsync(tenant, async options => await _tokens.ReportRejectedTokenAsync(report, options), cancellationToken);
        return reported.Succeeded(out var answer, out var failure)
            && (await ForConnectionAsync(tenant, rejected.ConnectionId, purpose, cancellationToken)).Succeeded(out var token, out failure)
            ? new ReplacedToken(token, answer.Accepted)
            : failure;
    }

    private async Task<Result<ProviderToken>> GetAsync(
        AccessMemory.Key asked, GetAccessTokenRequest request, CancellationToken cancellationToken)
    {
        if (_memory.Find(asked) is { } known)
        {
            return known;
        }

        request.Purpose = asked.Purpose;
        var answered = await AskAsync(asked.Tenant, async options => await _tokens.GetAccessTokenAsync(request, options), cancellationToken);
        if (!answered.Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        var token = new ProviderToken(
            answer.ConnectionId,
            answer.AccessToken,
            answer.ExpiresAt.ToDateTimeOffset(),
            answer.DataCentre,
            answer.ApiDomain,
            answer.OrganizationIds,
            answer.GrantedScopes,
            answer.AuthorizationScheme,
            answer.AccountId,
            answer.AccountName,
            answer.Version);
        _memory.Put(asked, token);
        return token;
    }

    private async Task<Result<T>> AskAsync<T>(TenantId tenant, Func<CallOptions, Task<T>> ask, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            return await ask(new CallOptions(
                deadline: CallDeadline.In(AnswerTimeout),
                cancellationToken: cancellationToken,
                credentials: new CallerCredentials(_tickets.OwnCaller(tenant))));
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException e) when (e.ToFailure() is { } failure)
        {
            return failure;
        }
    }
}
