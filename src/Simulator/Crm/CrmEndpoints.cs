using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Crm.Notifications;
using ZohoPlatform.Simulator.Traffic;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>
/// Zoho CRM REST API v8 on each API host: address, token, scope, limits, then the operation under the organisation's gate. Whatever
/// refuses first answers.
/// </summary>
internal static class CrmEndpoints
{
    public static void MapCrm(this IEndpointRouteBuilder api)
    {
        foreach (var path in new[] { "/crm/v8/{**operation}", "/crm/bulk/v8/{**operation}" })
        {
            api.Map(path, AnswerAsync).WithMetadata(new Operation(CrmOperations.NameOf));
        }
    }

    private static async Task AnswerAsync(HttpContext context, ProviderCall call, CrmServices services)
    {
        var answer = await RunAsync(context, call, services);
        call.Outcome = answer.Outcome;
        var response = context.Response;
        response.StatusCode = answer.Status;
        if (answer.File is { } file)
        {
            response.ContentType = "application/x-download";
            await response.Body.WriteAsync(file, context.RequestAborted);
        }
        else if (answer.Body is { } body)
        {
            response.ContentType = AccountsAnswer.JsonType;
            await response.WriteAsync(body.ToJsonString(Written), context.RequestAborted);
        }
    }

    private static readonly JsonSerializerOptions Written =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<CrmAnswer> RunAsync(HttpContext context, ProviderCall call, CrmServices services)
    {
        var request = context.Request;
        var (found, path) = CrmOperations.Find(request.Method, call.Path);
        if (found is null)
        {
            return CrmAnswer.Refused(path is null
                ? new("INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one", [], StatusCodes.Status404NotFound)
                : new("INVALID_REQUEST_METHOD", "The http request method type is not a valid one", []));
        }

        var settings = services.Settings.Current.Crm;
        if (ProductToken.Read(request) is not { } shown)
        {
            return CrmAnswer.Refused(new("AUTHENTICATION_FAILURE", "Authentication failed", [], StatusCodes.Status401Unauthorized));
        }

        if (services.Tokens.Authenticate(shown, call.DataCentre.Code) is not { } token
            || services.Directory.FindUser(token.Consent.Zuid) is not { } user
            || services.Directory.FindOrganisation(user.OrganisationId) is not { } owner)
        {
            return CrmAnswer.Refused(settings.ExpiredTokenCode is "INVALID_TOKEN"
                ? new("INVALID_TOKEN", "invalid oauth token", [], StatusCodes.Status401Unauthorized)
                : new("AUTHENTICATION_FAILURE", "Authentication failed", [], StatusCodes.Status401Unauthorized));
        }

        var organisation = services.Organisations.Of(owner);
        if (found.Scopes(path!).Any(scope => !CrmScopes.Allow(token.Consent.Scopes, scope)))
        {
            return CrmAnswer.Refused(CrmScopes.Mismatch(settings));
        }

        var body = await ReadAsync(request);
        var heavy = found.IsHeavy(request.Query, body);
        var credits = found.Credits(request.Query, body);
        if (services.Limits.Enter(owner.Id, token.Consent.ClientId, credits, heavy) is { } hit)
        {
            return TooMany(hit, settings);
        }

        var extra = 0;
        try
        {
            long arrival;
            lock (organisation.Gate)
            {
                arrival = organisation.Sequence;
                context.Response.Headers["x-accesstoken-reset"] = organisation.Write(token.ExpiresAt);
            }

            if (settings.CallMilliseconds > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(settings.CallMilliseconds), TimeProvider.System, context.RequestAborted);
            }

            lock (organisation.Gate)
            {
                var now = CrmTime.Whole(services.Clock.GetUtcNow());
                organisation.Catch(now);
                var made = new CrmCall(
                    organisation, user, token, call.Host, path!, request.Query, request.Headers, body, now, settings,
                    settings.UpsertsRace ? arrival : long.MaxValue);
                try
                {
                    return found.Run(made);
                }
                catch (CrmRefusal refusal)
                {
                    return CrmAnswer.Refused(refusal.Error);
                }
                finally
                {
                    extra = made.ExtraCredits;
                    services.Sender.Send(organisation, organisation.TakeChanges(), call.Host, now, settings);
                }
            }
        }
        finally
        {
            if (services.Limits.Leave(owner.Id, token.Consent.ClientId, extra, heavy) is { } left)
            {
                context.Response.Headers["X-API-CREDITS-REMAINING"] = CrmOrganisation.Text(left);
            }
        }
    }

    // a body that is not JSON is as good as none: each operation says what it misses
    private static async Task<JsonNode?> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        try
        {
            return string.IsNullOrWhiteSpace(text) ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CrmAnswer TooMany(LimitHit hit, CrmSettings settings)
    {
        var message = hit switch
        {
            LimitHit.Credits => "Many requests fired than the allowed limit for the past 24 hours.",
            LimitHit.Concurrency => "Too many concurrent requests: the concurrency limit of the organisation is reached.",
            LimitHit.SubConcurrency => "Too many concurrent requests: the sub-concurrency limit of this API is reached.",
        };
        JsonObject body = settings.LegacyLimitBody
            ? new() { ["code"] = 429, ["error"] = "TOO_MANY_REQUESTS", ["error_info"] = message, ["details"] = new JsonArray() }
            : new CrmError("TOO_MANY_REQUESTS", message, []).ToJson();
        return new(StatusCodes.Status429TooManyRequests, body, "TOO_MANY_REQUESTS");
    }
}

/// <summary>What every call stands on.</summary>
internal sealed record CrmServices(
    CrmOrganisations Organisations, CrmLimits Limits, TokenLedger Tokens, Directory Directory, SettingsStore Settings, TimeProvider Clock,
    NotificationSender Sender);
