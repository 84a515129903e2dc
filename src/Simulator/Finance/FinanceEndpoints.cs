using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Finance.Limits;
using ZohoPlatform.Simulator.Traffic;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// Zoho Books v3, Inventory v1 and Invoice v3 on each API host: token, address, scope, organisation, limits, then the operation under the
/// organisation's gate. Whatever refuses first answers.
/// </summary>
internal static class FinanceEndpoints
{
    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapFinance(this IEndpointRouteBuilder api)
    {
        foreach (var product in FinanceProduct.All)
        {
            api.Map($"{product.Path}{{**operation}}", AnswerAsync).WithMetadata(new Operation(NameOf));
        }
    }

    private static string? NameOf(string verb, string path) =>
        FinanceProduct.OfPath(path) is { } product ? FinanceOperation.Find(product, verb, path).Operation?.Name : null;

    private static async Task AnswerAsync(HttpContext context, ProviderCall call, FinanceServices services)
    {
        var answer = await RunAsync(context, call, services);
        call.Outcome = answer.Outcome;
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = AccountsAnswer.JsonType;
        if (answer.Location is { } location)
        {
            response.Headers.Location = location;
        }

        if (answer.RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds;
        }

        await response.WriteAsync(answer.Body.ToJsonString(Written), context.RequestAborted);
    }

    private static async Task<FinanceAnswer> RunAsync(HttpContext context, ProviderCall call, FinanceServices services)
    {
        var request = context.Request;
        if (request.Headers.Authorization.Count == 0)
        {
            return FinanceAnswer.Refused(FinanceError.NotAuthenticated);
        }

        if (services.Tokens.Authenticate(ProductToken.Read(request), call.DataCentre.Code) is not { } token
            || services.Directory.FindUser(token.Consent.Zuid) is not { } user
            || services.Directory.FindOrganisation(user.OrganisationId) is not { } account)
        {
            return FinanceAnswer.Refused(FinanceError.NotAuthorized);
        }

        var product = FinanceProduct.OfPath(call.Path)!;
        var (operation, error) = FinanceOperation.Find(product, request.Method, call.Path);
        if (operation is null)
        {
            return FinanceAnswer.Refused(error!);
        }

        if (!product.Allows(token.Consent.Scopes, operation.Area, operation.ScopeVerb))
        {
            return FinanceAnswer.Refused(FinanceError.NotAuthorized);
        }

        var theirs = services.Organisations.Of(account);
        if (!operation.NeedsOrganisation)
        {
            return OrganisationOperations.Show(theirs, operation.Id);
        }

        if (NamedBy(request, product) is not { } named)
        {
            return FinanceAnswer.Refused(FinanceError.NoOrganisation);
        }

        if (theirs.FirstOrDefault(one => FinanceOrganisation.Text(one.Id) == named) is not { } organisation)
        {
            return FinanceAnswer.Refused(FinanceError.NotTheirs(named));
        }

        var settings = services.Settings.Current.Finance;
        var body = await ReadAsync(request);
        var hit = organisation.Limits.Enter(services.Clock.GetUtcNow(), organisation.Zone);
        var use = organisation.Limits.Use(services.Clock.GetUtcNow(), organisation.Zone);
        foreach (var (name, value) in new[] { ("Limit", use.Plan.CallsPerDay), ("Remaining", use.CallsLeft), ("Reset", use.ResetSeconds) })
        {
            context.Response.Headers[$"X-Rate-Limit-{name}"] = value.ToString(CultureInfo.InvariantCulture);
        }

        if (hit is { } limit)
        {
            return TooMany(limit, use.Plan, settings);
        }

        try
        {
            if (settings.CallMilliseconds > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(settings.CallMilliseconds), TimeProvider.System, context.RequestAborted);
            }

            lock (organisation.Gate)
            {
                var now = FinanceTime.Whole(services.Clock.GetUtcNow());
                try
                {
                    return operation.Run(new(organisation, product, operation, request.Query, request.Headers, body, now, settings));
                }
                catch (FinanceRefusal refusal)
                {
                    return FinanceAnswer.Refused(refusal.Error);
                }
            }
        }
        finally
        {
            organisation.Limits.Leave();
        }
    }

    // the official page of Invoice wants its header; a query is seen to work as well
    private static string? NamedBy(HttpRequest request, FinanceProduct product)
    {
        var header = product.Product is Products.Invoice ? request.Headers["X-com-zoho-invoice-organizationid"].ToString() : "";
        return header.Length > 0 ? header : request.Query["organization_id"].ToString() is { Length: > 0 } query ? query : null;
    }

    // a body that is not JSON is as good as none: each operation says what it misses
    private static async Task<JsonNode?> ReadAsync(HttpRequest request)
    {
        string text;
        if (request.HasFormContentType)
        {
            text = (await request.ReadFormAsync(request.HttpContext.RequestAborted))["JSONString"].ToString();
        }
        else
        {
            using var reader = new StreamReader(request.Body);
            text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        }

        try
        {
            return string.IsNullOrWhiteSpace(text) ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FinanceAnswer TooMany(FinanceLimit limit, FinancePlan plan, FinanceSettings settings)
    {
        const int TooManyRequests = StatusCodes.Status429TooManyRequests;
        return limit switch
        {
            FinanceLimit.Minute => FinanceAnswer.Refused(new(
                43, "For security reasons you have been blocked for some time as you have exceeded the maximum number of requests per minute.",
                TooManyRequests)) with
            {
                RetryAfter = "3600",
            },
            FinanceLimit.Concurrency => FinanceAnswer.Refused(new(
                1070, "You have reached the maximum number of in process requests allowed. Kindly try again after some time.", TooManyRequests)),
            FinanceLimit.Day => FinanceAnswer.Refused(new(
                45,
                string.Create(CultureInfo.InvariantCulture,
                    $"The API call for this organization has exceeded the maximum call rate limit of {plan.CallsPerDay}."),
                settings.DailyLimitStatus)),
        };
    }
}

/// <summary>What every call stands on.</summary>
internal sealed record FinanceServices(
    FinanceOrganisations Organisations, TokenLedger Tokens, Directory Directory, SettingsStore Settings, TimeProvider Clock);
