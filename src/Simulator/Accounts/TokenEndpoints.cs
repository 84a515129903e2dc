using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Traffic;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>
/// The token and revocation endpoints of Zoho Accounts. Most refusals are HTTP 200 with an <c>error</c>; the throttle is HTTP 400 with a
/// <c>status</c>, and its text is translated. Zoho Accounts, "Access token", "Refresh tokens", "Revoke tokens".
/// </summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder accounts)
    {
        accounts.MapPost("/oauth/v2/token", Token).WithMetadata(new Operation("token"));
        accounts.Map("/oauth/v2/token", BadRequest).WithMetadata(new Operation("token"));   // any other verb
        accounts.MapPost("/oauth/v2/token/revoke", RevokeByAddress).WithMetadata(new Operation("revoke"));
        accounts.MapPost("/oauth/v2/revoke/token", RevokeByClient).WithMetadata(new Operation("revoke"));
    }

    private static IResult Token(
        HttpRequest request, ProviderCall call, ProviderParameters parameters, Directory directory, TokenLedger ledger,
        SettingsStore settings)
    {
        var grantType = parameters["grant_type"];
        if (grantType is null)
        {
            return BadRequest(call);
        }

        var (id, secret) = ReadClient(request, parameters);
        var answer = (directory.FindClient(id), grantType) switch
        {
            (null, _) => TokenRefusal.InvalidClient,
            ({ } client, "authorization_code") =>
                ledger.Exchange(client, secret, call.DataCentre.Code, parameters["code"], parameters["redirect_uri"]),
            ({ } client, "refresh_token") => ledger.Refresh(client, secret, call.DataCentre.Code, parameters["refresh_token"]),
            _ => (TokenAnswer)TokenRefusal.InvalidClient,
        };

        call.Operation = grantType is "authorization_code" or "refresh_token" ? $"token.{grantType}" : call.Operation;
        call.Outcome = answer.Refusal is { } refusal ? Name(refusal) : "success";

        return answer switch
        {
            { Refusal: TokenRefusal.Throttled } => AccountsAnswer.Throttled(settings.Current),
            { Refusal: { } other } => AccountsAnswer.Json(new() { ["error"] = Name(other) }),
            _ => AccountsAnswer.Json(Tokens(answer, call, settings.Current)),
        };
    }

    private static IResult BadRequest(ProviderCall call)
    {
        call.Outcome = "bad_request";
        return AccountsAnswer.Json(new() { ["error"] = "invalid_request" }, StatusCodes.Status400BadRequest);
    }

    /// <summary>The older form: whoever holds the token may end it.</summary>
    private static IResult RevokeByAddress(ProviderCall call, ProviderParameters parameters, TokenLedger ledger) =>
        Revoked(call, ledger.Revoke(parameters["token"], call.DataCentre.Code), StatusCodes.Status200OK);

    /// <summary>The newer form: the client shows its id and secret, and an unknown token is 400.</summary>
    private static IResult RevokeByClient(
        HttpRequest request, ProviderCall call, ProviderParameters parameters, Directory directory, TokenLedger ledger)
    {
        var (id, secret) = ReadClient(request, parameters);
        var client = directory.FindClient(id);
        if (client is null || !client.Secrets.TryGetValue(call.DataCentre.Code, out var expected))
        {
            call.Outcome = Name(TokenRefusal.InvalidClient);
            return AccountsAnswer.Json(new() { ["error"] = call.Outcome }, StatusCodes.Status400BadRequest);
        }

        if (secret != expected)
        {
            call.Outcome = Name(TokenRefusal.InvalidClientSecret);
            return AccountsAnswer.Json(new() { ["error"] = call.Outcome }, StatusCodes.Status400BadRequest);
        }

        return Revoked(call, ledger.Revoke(parameters["token"], call.DataCentre.Code, client.ClientId), StatusCodes.Status400BadRequest);
    }

    private static IResult Revoked(ProviderCall call, bool revoked, int statusWhenUnknown)
    {
        call.Outcome = revoked ? "success" : Name(TokenRefusal.InvalidCode);
        return revoked
            ? AccountsAnswer.Json(new() { ["status"] = "success" })
            : AccountsAnswer.Json(new() { ["error"] = call.Outcome }, statusWhenUnknown);
    }

    private static JsonObject Tokens(TokenAnswer answer, ProviderCall call, SimulatorSettings settings)
    {
        var access = answer.Access!;
        var body = new JsonObject { ["access_token"] = access.Value };
        if (answer.RefreshToken is { } refreshToken)
        {
            body["refresh_token"] = refreshToken;
        }

        body["scope"] = string.Join(' ', access.Consent.Scopes);
        if (call.DataCentre.ApiHost is { } api)
        {
            body["api_domain"] = $"https://{api}";
        }

        body["token_type"] = "Bearer";
        if (settings.LegacyExpiry)
        {
            body["expires_in_sec"] = settings.AccessTokenSeconds;
            body["expires_in"] = settings.AccessTokenSeconds * 1000L;
        }
        else
        {
            body["expires_in"] = settings.AccessTokenSeconds;
        }

        return body;
    }

    private static (string? Id, string? Secret) ReadClient(HttpRequest request, ProviderParameters parameters)
    {
        if (AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            && header is { Scheme: "Basic", Parameter: { } parameter }
            && Decode(parameter) is { } pair
            && pair.Split(':', 2) is [var id, var secret])
        {
            return (Uri.UnescapeDataString(id), Uri.UnescapeDataString(secret));
        }

        return (parameters["client_id"], parameters["client_secret"]);
    }

    private static string? Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static string Name(TokenRefusal refusal) => refusal switch
    {
        TokenRefusal.InvalidClient => "invalid_client",
        TokenRefusal.InvalidClientSecret => "invalid_client_secret",
        TokenRefusal.InvalidCode => "invalid_code",
        TokenRefusal.InvalidRedirectUri => "invalid_redirect_uri",
        TokenRefusal.Throttled => "throttled",
    };
}
