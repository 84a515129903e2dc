using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Traffic;

namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>Why HubSpot gives no token. The names are its own statuses.</summary>
internal enum HubSpotRefusal
{
    BadClientId,
    BadClientSecret,
    BadGrantType,
    BadAuthCode,
    BadRedirectUri,
    BadRefreshToken,
}

/// <summary>HubSpot's refusals: HTTP 400 with a status from the OAuth endpoints, an envelope with a category from the other APIs.</summary>
internal static class HubSpotRefusals
{
    public static IResult Refuse(ProviderCall call, HubSpotRefusal refusal)
    {
        var (status, error, text) = refusal switch
        {
            HubSpotRefusal.BadClientId => ("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id"),
            HubSpotRefusal.BadClientSecret => ("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret"),
            HubSpotRefusal.BadGrantType => ("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type"),
            HubSpotRefusal.BadAuthCode => ("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code"),
            HubSpotRefusal.BadRedirectUri => ("BAD_REDIRECT_URI", "invalid_grant", "redirect uri does not match initial auth code redirect uri"),
            HubSpotRefusal.BadRefreshToken => ("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked"),
        };
        call.Outcome = status.ToLowerInvariant();
        return Results.Json(
            new JsonObject { ["error"] = error, ["error_description"] = text, ["status"] = status, ["message"] = text },
            statusCode: StatusCodes.Status400BadRequest);
    }

    public static IResult Envelope(ProviderCall call, int status, string category, string message)
    {
        call.Outcome = category.ToLowerInvariant();
        return Results.Json(
            new JsonObject
            {
                ["status"] = "error",
                ["message"] = message,
                ["correlationId"] = Guid.NewGuid().ToString(),
                ["category"] = category,
            },
            statusCode: status);
    }
}
