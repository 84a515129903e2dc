using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Traffic;

namespace ZohoPlatform.Simulator.HubSpot;

/// <summary>
/// HubSpot's OAuth endpoints in every generation: v1, which ends in February 2027, v3, and the date-based one. The newer two read the form
/// body only, so that secrets stay out of logs. HubSpot, "Manage OAuth tokens" and "Migrate from the OAuth v1 API".
/// </summary>
internal static class HubSpotTokenEndpoints
{
    private const string Latest = "/oauth/2026-03";

    public static void MapHubSpotTokens(this IEndpointRouteBuilder api)
    {
        api.MapPost("/oauth/v1/token", TokenV1).WithMetadata(new Operation("hubspot.token")).DisableAntiforgery();
        api.MapGet("/oauth/v1/access-tokens/{token}", InspectAccessToken).WithMetadata(new Operation("hubspot.introspect"));
        api.MapGet("/oauth/v1/refresh-tokens/{token}", InspectRefreshToken).WithMetadata(new Operation("hubspot.introspect"));
        api.MapDelete("/oauth/v1/refresh-tokens/{token}", RevokeV1).WithMetadata(new Operation("hubspot.revoke"));

        foreach (var generation in (string[])["/oauth/v3", Latest])
        {
            api.MapPost($"{generation}/token", Token).WithMetadata(new Operation("hubspot.token"));
            api.MapPost($"{generation}/token/introspect", Introspect).WithMetadata(new Operation("hubspot.introspect"));
        }

        api.MapPost("/oauth/v3/introspect", Introspect).WithMetadata(new Operation("hubspot.introspect"));
        api.MapPost($"{Latest}/token/revoke", Revoke).WithMetadata(new Operation("hubspot.revoke"));
        api.MapGet("/account-info/v3/details", AccountInfo).WithMetadata(new Operation("hubspot.account_info"));
    }

    private static IResult TokenV1(ProviderCall call, ProviderParameters parameters, HubSpotDemo demo, HubSpotLedger ledger, SettingsStore settings) =>
        Answer(call, name => parameters[name], demo, ledger, settings, namesThePortal: false);

    private static async Task<IResult> Token(
        HttpRequest request, ProviderCall call, HubSpotDemo demo, HubSpotLedger ledger, SettingsStore settings) =>
        Answer(call, await ReadFormAsync(request), demo, ledger, settings, namesThePortal: true);

    private static IResult Answer(
        ProviderCall call, Func<string, string?> parameters, HubSpotDemo demo, HubSpotLedger ledger, SettingsStore settings,
        bool namesThePortal)
    {
        var grantType = parameters("grant_type");
        call.Operation = grantType is "authorization_code" or "refresh_token" ? $"hubspot.token.{grantType}" : call.Operation;
        if (RefuseClient(parameters, demo) is { } refused)
        {
            return HubSpotRefusals.Refuse(call, refused);
        }

        var answer = grantType switch
        {
            "authorization_code" => ledger.Exchange(parameters("code"), parameters("redirect_uri")),
            "refresh_token" => ledger.Refresh(parameters("refresh_token")),
            _ => HubSpotRefusal.BadGrantType,
        };
        if (answer.Refusal is { } refusal)
        {
            return HubSpotRefusals.Refuse(call, refusal);
        }

        call.Outcome = "success";
        var access = answer.Access!;
        var body = new JsonObject
        {
            ["token_type"] = "bearer",
            ["refresh_token"] = answer.RefreshToken,
            ["access_token"] = access.Value,
            ["expires_in"] = settings.Current.HubspotAccessTokenSeconds,
        };
        if (namesThePortal)
        {
            body["hub_id"] = access.Consent.HubId;
            body["user_id"] = HubSpotDemo.FindPortal(access.Consent.HubId)!.UserId;
            body["scopes"] = List(access.Consent.Scopes);
        }

        return Results.Json(body);
    }

    private static async Task<IResult> Introspect(
        HttpRequest request, ProviderCall call, HubSpotDemo demo, HubSpotLedger ledger, TimeProvider clock)
    {
        var parameters = await ReadFormAsync(request);
        if (RefuseClient(parameters, demo) is { } refused)
        {
            return HubSpotRefusals.Refuse(call, refused);
        }

        call.Outcome = "success";
        var body = parameters("token_type_hint") is "refresh_token"
            ? ledger.FindRefreshToken(parameters("token")) is { } refresh ? Describe(refresh, demo, clock, "refresh") : null
            : ledger.FindAccessToken(parameters("token")) is { } access && ledger.IsLive(access) ? Describe(access, demo, clock, "access") : null;
        if (body is null)
        {
            return Results.Json(new JsonObject { ["active"] = false });
        }

        body["active"] = true;
        return Results.Json(body);
    }

    private static IResult InspectAccessToken(string token, ProviderCall call, HubSpotDemo demo, HubSpotLedger ledger, TimeProvider clock) =>
        Known(call, ledger.FindAccessToken(token) is { } access && ledger.IsLive(access) ? Describe(access, demo, clock, "access") : null);

    private static IResult InspectRefreshToken(string token, ProviderCall call, HubSpotDemo demo, HubSpotLedger ledger, TimeProvider clock) =>
        Known(call, ledger.FindRefreshToken(token) is { } refresh ? Describe(refresh, demo, clock, "refresh") : null);

    private static IResult Known(ProviderCall call, JsonObject? body)
    {
        if (body is null)
        {
            return HubSpotRefusals.Envelope(call, StatusCodes.Status404NotFound, "OBJECT_NOT_FOUND", "The token is unknown or has expired.");
        }

        call.Outcome = "success";
        return Results.Json(body);
    }

    private static async Task<IResult> Revoke(HttpRequest request, ProviderCall call, HubSpotDemo demo, HubSpotLedger ledger)
    {
        var parameters = await ReadFormAsync(request);
        if (RefuseClient(parameters, demo) is { } refused)
        {
            return HubSpotRefusals.Refuse(call, refused);
        }

        if (!ledger.Revoke(parameters("token")))
        {
            return HubSpotRefusals.Refuse(call, HubSpotRefusal.BadRefreshToken);
        }

        call.Outcome = "success";
        return Results.Json(new JsonObject());
    }

    /// <summary>The older form: whoever holds the token may end it.</summary>
    private static IResult RevokeV1(string token, ProviderCall call, HubSpotLedger ledger)
    {
        if (!ledger.Revoke(token))
        {
            return HubSpotRefusals.Envelope(call, StatusCodes.Status404NotFound, "OBJECT_NOT_FOUND", "The refresh token is unknown.");
        }

        call.Outcome = "success";
        return Results.NoContent();
    }

    private static IResult AccountInfo(HttpRequest request, ProviderCall call, HubSpotLedger ledger)
    {
        var access = ledger.FindAccessToken(ProductToken.Read(request));
        if (access is null || !ledger.IsLive(access))
        {
            return HubSpotRefusals.Envelope(
                call,
                StatusCodes.Status401Unauthorized,
                access is null ? "INVALID_AUTHENTICATION" : "EXPIRED_AUTHENTICATION",
                "Authentication credentials not found or expired.");
        }

        call.Outcome = "success";
        var portal = HubSpotDemo.FindPortal(access.Consent.HubId)!;
        return Results.Json(new JsonObject
        {
            ["portalId"] = portal.HubId,
            ["accountType"] = "STANDARD",
            ["timeZone"] = portal.TimeZone,
            ["companyCurrency"] = "USD",
            ["utcOffset"] = portal.UtcOffset,
            ["uiDomain"] = portal.UiDomain,
            ["dataHostingLocation"] = portal.DataHostingLocation,
        });
    }

    private static HubSpotRefusal? RefuseClient(Func<string, string?> parameters, HubSpotDemo demo) =>
        parameters("client_id") != demo.App.ClientId ? HubSpotRefusal.BadClientId
        : parameters("client_secret") != demo.App.ClientSecret ? HubSpotRefusal.BadClientSecret
        : null;

    private static JsonObject Describe(HubSpotToken token, HubSpotDemo demo, TimeProvider clock, string kind)
    {
        var portal = HubSpotDemo.FindPortal(token.Consent.HubId)!;
        var body = new JsonObject
        {
            ["token"] = token.Value,
            ["user"] = portal.Email,
            ["hub_domain"] = portal.Domain,
            ["scopes"] = List(token.Consent.Scopes),
            ["hub_id"] = portal.HubId,
            ["app_id"] = demo.App.AppId,
            ["user_id"] = portal.UserId,
            ["token_type"] = kind,
        };
        if (token.ExpiresAt is { } expiresAt)
        {
            body["expires_in"] = (long)(expiresAt - clock.GetUtcNow()).TotalSeconds;
        }

        return body;
    }

    private static JsonArray List(IEnumerable<string> scopes) => [.. scopes.Select(scope => JsonValue.Create(scope))];

    private static async Task<Func<string, string?>> ReadFormAsync(HttpRequest request)
    {
        var form = request.HasFormContentType ? await request.ReadFormAsync(request.HttpContext.RequestAborted) : FormCollection.Empty;
        return name => form[name] is [{ Length: > 0 } text, ..] ? text : null;
    }
}
