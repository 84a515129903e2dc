using System.Net;
using System.Net.Http.Headers;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Sends the connection's access token as its provider wants it. A token that is refused (401, or what <see cref="ProviderRequest.RefusesToken"/>
/// knows of) is reported, so that the token service replaces it for everyone, and the request is sent once more with the new one.
/// </summary>
internal sealed class AccessTokenHandler(ProviderAccess access) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = ProviderRequest.Of(request);
        var call = asked.Call;
        if (request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken);   // it may have to be sent twice
        }

        var token = OrThrow(await access.ForConnectionAsync(call.Tenant, call.ConnectionId, call.Purpose, cancellationToken));
        var response = await SendAsync(request, token, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Unauthorized
            && !asked.RefusesToken(await ProviderAnswer.ReadAsync(response, cancellationToken)))
        {
            return response;
        }

        var replacement = OrThrow(await access.ReplaceAsync(call.Tenant, token, call.Purpose, cancellationToken));
        if (replacement.Token.AccessToken != token.AccessToken)
        {
            response.Dispose();
            return await SendAsync(request, replacement.Token, cancellationToken);
        }

        // the token service has no better one, and neither has a second try
        return replacement.IsAccepted && asked.NotCovered is { } notCovered ? throw new ProviderFailureException(notCovered) : response;
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ProviderToken token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue(token.AuthorizationScheme, token.AccessToken);
        return base.SendAsync(request, cancellationToken);
    }

    private static T OrThrow<T>(Result<T> answer)
        where T : notnull => answer.Succeeded(out var value, out var failure) ? value : throw new ProviderFailureException(failure);
}
