using System.ComponentModel;
using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Gateway.Connections;
using ZohoPlatform.Gateway.Docs;
using ZohoPlatform.Gateway.Problems;
using ZohoPlatform.Gateway.RateLimits;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ConnectionsClient = ZohoPlatform.Contracts.Tokens.V1.Connections.ConnectionsClient;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>The authorization code flow with Zoho, as the browser goes through it.</summary>
internal static partial class ZohoOAuthEndpoints
{
    public const string Prefix = "/api/v1/crm/zoho";

    private const string CallbackPath = Prefix + "/callback";

    private static readonly Failure LinkInvalid = new(
        FailureKind.Invalid, "start_invalid", "This link is not valid any more: ask for a new one and open it within ten minutes.");
    private static readonly Failure OtherBrowser = new(
        FailureKind.Conflict, "browser_changed", "This sign-in was begun in another browser, or more than ten minutes ago. Begin again in this one.");

    extension(IEndpointRouteBuilder routes)
    {
        public void MapZohoOAuth()
        {
            var group = routes.MapGroup(Prefix).WithTags("OAuth").AllowAnonymous().WithMetadata(new LimitedPerAddress());

            group.MapGet("/oauth", Begin)
                .Produces<OAuthLink>()
                .Produces(StatusCodes.Status302Found)
                .Describe(
                    "Begin connecting Zoho",
                    "With Accept: application/json the answer is a link for a browser, good for ten minutes; otherwise the browser is sent to Zoho's "
                    + "consent page. Role needed: admin, or the start value of such a link.",
                    response: new OAuthLink(
                        new Uri("http://127.0.0.1:8080/api/v1/crm/zoho/oauth?start=CfDJ8A..."), new DateTimeOffset(2026, 11, 21, 9, 40, 0, TimeSpan.Zero)))
                .Fails(400, 401, 403, 409);
            group.MapGet("/callback", Complete)
                .Produces<string>(StatusCodes.Status200OK, "text/html")
                .Describe(
                    "Where Zoho sends the browser back to",
                    "Register this address in Zoho's API console. Answers a page for the person: what was connected, or what failed and what to do.")
                .Produces<string>(StatusCodes.Status400BadRequest, "text/html")
                .Produces<string>(StatusCodes.Status409Conflict, "text/html");
        }
    }

    private static async Task<IResult> Begin(
        [Description("Comma list of campaigns, crm, books, inventory, invoice; campaigns when absent.")] string? features,
        [FromQuery(Name = "data_centre"), Description("Where the client is registered; the settings' region when absent.")] string? dataCentre,
        [Description("Who connects it or for whom; company when absent.")] string? owner,
        [FromQuery(Name = "start"), Description("From a link that this endpoint gave; takes the place of a key and of everything else.")] string? link,
        HttpContext http,
        OAuthStartLinks links,
        ServiceCalls calls,
        ConnectionsClient connections,
        IOptions<GatewayOptions> options,
        CancellationToken cancellationToken)
    {
        if (link is not null)
        {
            return links.Open(link) is { } opened
                ? await ToProviderAsync(opened, http, calls, connections, options.Value, cancellationToken)
                : ResultPage.Failed(LinkInvalid);
        }

        if (Tickets.FromPrincipal(http.User) is not { } caller)
        {
            return Results.Challenge();
        }

        if (caller.Role < Role.Admin)
        {
            return Results.Forbid();
        }

        var names = features?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (!FeatureNames.Parse(names).Succeeded(out var wanted, out var failure))
        {
            return (ProblemResult)failure;
        }

        var start = new OAuthStart(caller, wanted, dataCentre ?? "", owner ?? "");
        if (!http.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "application/json"))
        {
            return await ToProviderAsync(start, http, calls, connections, options.Value, cancellationToken);
        }

        var (text, expiresAt) = links.Seal(start);
        return TypedResults.Ok(new OAuthLink(options.Value.Address($"{Prefix}/oauth?start={text}"), expiresAt));
    }

    private static async Task<IResult> ToProviderAsync(
        OAuthStart start, HttpContext http, ServiceCalls calls, ConnectionsClient connections, GatewayOptions options, CancellationToken cancellationToken)
    {
        var request = new Contracts.Tokens.V1.StartAuthorizationRequest
        {
            Provider = Provider.Zoho,
            DataCentre = start.DataCentre,
            Owner = start.Owner,
            RedirectUri = options.Address(CallbackPath).AbsoluteUri,
            BrowserSha256 = BrowserCookie.Set(http),
        };
        request.Features.AddRange(start.Features);
        var answer = await connections.StartAuthorizationAsync(request, calls.As(start.Caller, cancellationToken));
        return TypedResults.Redirect(answer.AuthorizeUrl);
    }

    private static async Task<IResult> Complete(
        [Description("The authorization code.")] string? code,
        [Description("What was sent to Zoho, sealed; good once.")] string? state,
        [Description("The person's data centre.")] string? location,
        [FromQuery(Name = "accounts-server"), Description("Where the code is exchanged; believed only if it is one of Zoho's.")] string? accountsServer,
        [Description("access_denied when the person refused.")] string? error,
        HttpContext http,
        ServiceCalls calls,
        ConnectionsClient connections,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        if (BrowserCookie.Take(http) is not { } browser)
        {
            return ResultPage.Failed(OtherBrowser);
        }

        try
        {
            // the tenant is in the state, which only its maker can open
            var answer = await connections.CompleteAuthorizationAsync(
                new()
                {
                    State = state ?? "",
                    Code = code ?? "",
                    Location = location ?? "",
                    AccountsServer = accountsServer ?? "",
                    Error = error ?? "",
                    BrowserSha256 = browser,
                },
                calls.As(new Caller(TenantId.None, Role.Service, ServiceCalls.Subject), cancellationToken));
            return ResultPage.Connected(answer.Connection);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            if (e.ToFailure() is { } failure)
            {
                return ResultPage.Failed(failure);
            }

            // a person looks at this, not a program: a page instead of a problem
            LogBroken(loggers.CreateLogger(nameof(ZohoOAuthEndpoints)), e);
            return ResultPage.Broken(Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Completing an authorization failed")]
    private static partial void LogBroken(ILogger logger, Exception exception);
}

/// <summary>To open in a browser, which needs no key.</summary>
internal sealed record OAuthLink(Uri Url, DateTimeOffset ExpiresAt);
