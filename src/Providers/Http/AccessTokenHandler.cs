using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Sends the connection's access token. A token that Zoho answers 401 to is reported, so that the token service replaces it for everyone,
/// and the request is sent once more with the new one.
/// </summary>
internal sealed class AccessTokenHandler(
    AccessTokens.AccessTokensClient tokens, Tickets tickets) : DelegatingHandler
{
    // longer than the token service itself waits for a refresh, so that its reason arrives and not only that it took long
    private static readonly TimeSpan TokenTimeout = TimeSpan.FromSeconds(12);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ProviderRequest.Of(request).Call;
        if (request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken);   // it may have to be sent twice
        }

        var token = await GetTokenAsync(call, cancellationToken);
        var response = await SendAsync(request, token, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Unauthorized)
        {
            return response;
        }

        await ReportAsync(call, token, cancellationToken);
        var replacement = await GetTokenAsync(call, cancellationToken);
        if (replacement == token)
        {
            return response;    // the token service has no better one, and neither has a second try
        }

        response.Dispose();
        return await SendAsync(request, replacement, cancellationToken);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Zoho-oauthtoken", token);
        return base.SendAsync(request, cancellationToken);
    }

    private Task<string> GetTokenAsync(ProviderCall call, CancellationToken cancellationToken) => AskAsync(
        call,
        async options => (await tokens.GetAccessTokenAsync(
            new GetAccessTokenRequest { ConnectionId = call.ConnectionId, Purpose = call.Purpose }, options)).AccessToken,
        cancellationToken);

    private Task<bool> ReportAsync(ProviderCall call, string token, CancellationToken cancellationToken) => AskAsync(
        call,
        async options => (await tokens.ReportRejectedTokenAsync(
            new ReportRejectedTokenRequest
            {
                ConnectionId = call.ConnectionId,
                TokenSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))),
            },
            options)).Replaced,
        cancellationToken);

    private async Task<T> AskAsync<T>(ProviderCall call, Func<CallOptions, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(new CallOptions(
                deadline: CallDeadline.In(TokenTimeout),
                cancellationToken: cancellationToken,
                credentials: new CallerCredentials(tickets.OwnCaller(call.Tenant))));
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException e) when (e.ToFailure() is { } failure)
        {
            throw new ProviderFailureException(failure);
        }
    }
}
