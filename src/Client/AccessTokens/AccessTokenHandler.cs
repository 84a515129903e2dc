using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using ZohoPlatform.Api.Connections;

namespace ZohoPlatform.Client.AccessTokens;

/// <summary>Puts a connection's access token on each call, and has one replaced that the provider answers 401 to.</summary>
internal sealed class AccessTokenHandler(ConnectionToken tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken);
        var address = request.RequestUri;
        var response = await SendAsync(request, token, cancellationToken);

        // a redirect that was followed went without the token: such an answer says nothing about it
        if (response.StatusCode is not HttpStatusCode.Unauthorized || request.RequestUri != address)
        {
            return response;
        }

        AccessToken next;
        try
        {
            next = await tokens.ReplaceAsync(token, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        // with 401 nothing was done, whatever the method: what can be sent again may be
        if (next.Token == token.Token || !CanBeSentAgain(request.Content))
        {
            return response;
        }

        response.Dispose();
        return await SendAsync(request, next, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A call with an access token is asynchronous: use SendAsync.");

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, AccessToken token, CancellationToken cancellationToken)
    {
        if (!TokenAddresses.Contain(token.ApiDomain, request.RequestUri!))
        {
            throw new InvalidOperationException(
                $"Connection {tokens.ConnectionId}: its access token is for https addresses of {token.ApiDomain} and its data centre, not for "
                + $"{request.RequestUri!.Scheme}://{request.RequestUri.Authority}. Call those, or use a client without AddZohoAccessToken.");
        }

        request.Headers.Authorization = new AuthenticationHeaderValue(token.AuthorizationScheme, token.Token);
        return base.SendAsync(request, cancellationToken);
    }

    // a stream may be spent, and what others made of HttpContent may be one
    private static bool CanBeSentAgain(HttpContent? content) => content switch
    {
        null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        MultipartContent parts => parts.All(CanBeSentAgain),
        _ => false,
    };
}
