using System.ComponentModel;
using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ConnectionsClient = ZohoPlatform.Contracts.Tokens.V1.Connections.ConnectionsClient;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>The authorization code flow with a provider, as the browser goes through it.</summary>
internal static partial class OAuthEndpoints
{
    private static readonly Failure LinkInvalid = new(
        FailureKind.Invalid, "start_invalid",
        "This link is not valid any more: it can be opened once, within ten minutes, and while the key that made it "
            + "may connect. Ask who gave it to you for a new one.");
    private static readonly Failure OtherBrowser = new(
        FailureKind.Conflict, "browser_changed",
        "This sign-in is over, or was begun in another browser or more than ten minutes ago. Look whether the connection is there; else ask who gave "
            + "you the link for a new one.");
    private static readonly Failure BeginnerGone = new(
        FailureKind.Forbidden, "key_gone", "The key that began this sign-in is deleted, or may not connect any more. Ask an admin for a new link.");

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOAuth()
        {
            var group = routes.MapGroup("").WithTags("OAuth").AllowAnonymous();

            group.MapGet(OAuthPaths.Begin, Begin)
                .WithMetadata(new LimitedPerAddress("oauth-link"))
                .Produces<OAuthLink>()
                .Produces(StatusCodes.Status302Found)
                .Describe(
                    "Begin connecting a provider",
                    "With Accept: application/json the answer is a link for a browser, good once and for ten minutes; otherwise the browser is "
                    + "sent to the provider's consent page. Role needed: admin, or the start value of such a link.",
                    response: new OAuthLink(
                        new Uri("http://127.0.0.1:8080/api/v1/crm/provider/oauth?start=CfDJ8A..."), new DateTimeOffset(2026, 11, 21, 9, 40, 0, TimeSpan.Zero)))
                .Fails(400, 401, 403, 409);
            group.MapGet(OAuthPaths.Callback, Complete)
                .WithMetadata(new LimitedPerAddress("oauth-callback"))
                .Produces<string>(StatusCodes.Status200OK, "text/html")
                .Describe(
                    "Where a provider sends the browser back to",
                    "Register this address for the client at the provider. Answers a page for the person: what was connected, or what failed and what to do.")
                .Produces<string>(StatusCodes.Status400BadRequest, "text/html")
                .Produces<string>(StatusCodes.Status403Forbidden, "text/html")
                .Produces<string>(StatusCodes.Status409Conflict, "text/html")
                // a provider adds what it likes, and the browser in front of it cannot mend it
                .WithOthersParameters();
        }
    }

    private static async Task<IResult> Begin(
        [Description("The provider's name.")] string provider,
        [Description("Comma list of features of the provider; its first when absent.")] string? features,
        [FromQuery(Name = "data_centre"), Description("Where the client is registered, at a provider with data centres; the settings' region when absent.")] string? dataCentre,
        [Description("Who connects it or for whom; company when absent.")] string? owner,
        [FromQuery(Name = "extra_scopes"), Description("Comma list of the provider's scopes to ask for beside those of the features.")] string? extraScopes,
        [FromQuery(Name = "start"), Description("From a link that this endpoint gave; takes the place of a key and of everything else.")] string? link,
        HttpContext http,
        OAuthStartLinks links,
        ConnectionsClient connections,
        IOptions<GatewayOptions> options,
        CancellationToken cancellationToken)
    {
        if (link is not null)
        {
            return await OpenAsync(link, provider, http, links, connections, options.Value, cancellationToken);
        }

        if (CallerIdentity.CallerOf(http.User) is not { } caller)
        {
            return Results.Challenge();
        }

        if (caller.Role < Role.Admin)
        {
            return (ProblemResult)CallerContext.RoleMissing(Role.Admin, caller.Role);
        }

        var start = new OAuthStart(provider, caller, ListOf(features), dataCentre ?? "", owner ?? "") { ExtraScopes = ListOf(extraScopes) };
        if (!http.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "application/json"))
        {
            return await ToProviderAsync(start, http, links, connections, options.Value, cancellationToken);
        }

        // who asked for the link is told what is wrong, not whoever opens it
        var trial = RequestOf(start, options.Value);
        trial.ValidateOnly = true;
        await connections.StartAuthorizationAsync(trial, ServiceCalls.As(caller, cancellationToken));

        var (text, expiresAt) = links.Seal(start);
        return TypedResults.Ok(new OAuthLink(options.Value.Address($"{OAuthPaths.BeginOf(provider)}?start={text}"), expiresAt));
    }

    private static string[] ListOf(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    // a person looks at this, not a program: a page instead of a problem
    private static async Task<IResult> OpenAsync(
        string link,
        string provider,
        HttpContext http,
        OAuthStartLinks links,
        ConnectionsClient connections,
        GatewayOptions options,
        CancellationToken cancellationToken)
    {
        try
        {
            if (await links.OpenAsync(link, cancellationToken) is not { } opened || opened.Start.Provider != provider)
            {
                return ResultPage.Failed(LinkInvalid);
            }

            // used up with what it is for: where a service is away the link is good for another try
            return await ToProviderAsync(
                opened.Start, http, links, connections, options, cancellationToken, () => links.UseUpAsync(opened, cancellationToken));
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested && e.ToFailure() is { } failure)
        {
            return ResultPage.Failed(failure);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            return ResultPage.Failed(StorageOutage.Failure);
        }
    }

    private static async Task<IResult> ToProviderAsync(
        OAuthStart start,
        HttpContext http,
        OAuthStartLinks links,
        ConnectionsClient connections,
        GatewayOptions options,
        CancellationToken cancellationToken,
        Func<Task<bool>>? useUp = null)
    {
        var (cookie, sha256) = BrowserCookie.New(links.SealBeginner(start.Caller));
        var request = RequestOf(start, options);
        request.BrowserSha256 = sha256;
        var answer = await connections.StartAuthorizationAsync(request, ServiceCalls.As(start.Caller, cancellationToken));
        if (useUp is not null && !await useUp())
        {
            return ResultPage.Failed(LinkInvalid);
        }

        // not before: the browser that opened the link the first time keeps the cookie that it was given
        BrowserCookie.Set(http, start.Provider, new Uri(answer.AuthorizeUrl), cookie);
        return TypedResults.Redirect(answer.AuthorizeUrl);
    }

    private static StartAuthorizationRequest RequestOf(OAuthStart start, GatewayOptions options) => new()
    {
        Provider = start.Provider,
        Features = { start.Features },
        ExtraScopes = { start.ExtraScopes },
        DataCentre = start.DataCentre,
        Owner = start.Owner,
        RedirectUri = options.Address(OAuthPaths.CallbackOf(start.Provider)).AbsoluteUri,
    };

    private static async Task<IResult> Complete(
        [Description("Who sends the browser.")] string provider,
        [Description("The authorization code.")] string? code,
        [Description("What was sent to the provider, sealed; good once.")] string? state,
        [Description("The person's data centre, where the provider has such.")] string? location,
        [FromQuery(Name = "accounts-server"), Description("Where the code is exchanged; believed only if it is one of the provider's.")] string? accountsServer,
        [Description("access_denied when the person refused.")] string? error,
        HttpContext http,
        OAuthStartLinks links,
        ServiceCalls calls,
        ConnectionsClient connections,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        if (BrowserCookie.Read(http, state ?? "") is not { } browser)
        {
            return ResultPage.Failed(OtherBrowser);
        }

        try
        {
            if (await links.MayGoOnAsync(browser.BeganBy, cancellationToken) is not true and var mayGoOn)
            {
                return ResultPage.Failed(mayGoOn is null ? OtherBrowser : BeginnerGone);
            }

            // the tenant is in the state, which only its maker can open
            var answer = await connections.CompleteAuthorizationAsync(
                new()
                {
                    State = state ?? "",
                    Code = code ?? "",
                    Location = location ?? "",
                    AccountsServer = accountsServer ?? "",
                    Error = error ?? "",
                    BrowserSha256 = browser.Sha256,
                },
                calls.AsItself(TenantId.None, cancellationToken));
            return ResultPage.Connected(answer.Connection);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            if (e.ToFailure() is { } failure)
            {
                return ResultPage.Failed(failure);
            }

            // a person looks at this, not a program: a page instead of a problem
            LogBroken(loggers.CreateLogger(nameof(OAuthEndpoints)), e);
            return ResultPage.Broken(Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier);
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            return ResultPage.Failed(StorageOutage.Failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Completing an authorization failed")]
    private static partial void LogBroken(ILogger logger, Exception exception);
}
