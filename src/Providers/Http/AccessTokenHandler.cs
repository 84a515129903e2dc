using System.Net;
using System.Net.Http.Headers;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// Sends the connection's access token as its provider wants it. A token that is refused (what <see cref="ProviderRequest.RefusesToken"/>
/// knows of, else 401) is reported, so that the token service replaces it for everyone, and the request is sent once more, even a POST: who refuses a token
/// has done nothing.
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
        if (!await IsRefusedAsync(response, asked, cancellationToken))
        {
            return response;
        }

        response.Dispose();
        var replacement = OrThrow(await access.ReplaceAsync(call.Tenant, token, call.Purpose, cancellationToken));
        // with the same token, too, where there is no better one: a refusal that does not come again was a stray one
        response = await SendAsync(request, replacement.Token, cancellationToken);
        return replacement.Token.AccessToken == token.AccessToken
            && replacement.IsAccepted
            && asked.NotCovered is { } notCovered
            && await IsRefusedAsync(response, asked, cancellationToken)
                ? throw new ProviderFailureException(notCovered)
                : response;
    }

    private static async Task<bool> IsRefusedAsync(HttpResponseMessage response, ProviderRequest asked, CancellationToken cancellationToken) =>
        !asked.LeavesBodyOf(response)
        && (asked.RefusesToken(await ProviderAnswer.ReadAsync(response, cancellationToken))
            ?? response.StatusCode is HttpStatusCode.Unauthorized);

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ProviderToken token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue(token.AuthorizationScheme, token.AccessToken);
        return base.SendAsync(request, cancellationToken);
    }

    private static T OrThrow<T>(Result<T> answer)
        where T : notnull => answer.Succeeded(out var value, out var failure) ? value : throw new ProviderFailureException(failure);
}
