using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.RateLimits;
using ZohoPlatform.Gateway.Access.Tenants;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.ServiceDefaults.Telemetry;
using Authorization = ZohoPlatform.Api.Connections.Authorization;
using AuthorizationState = ZohoPlatform.Api.Connections.AuthorizationState;
using ConnectionsClient = ZohoPlatform.Contracts.Tokens.V1.Connections.ConnectionsClient;
using Contract = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>The authorization code flow with a provider, as the browser goes through it.</summary>
internal static class OAuthEndpoints
{
    private static readonly Failure LinkInvalid = new(
        FailureKind.Invalid,
        "link_invalid",
        "This link is not valid: it is not whole, or the key that made it may not connect any more. Ask who gave it to you for a new one.");
    private static readonly Failure OtherBrowser = new(
        FailureKind.Conflict, "browser_changed",
        "This sign-in is over, or was begun in another browser or more than ten minutes ago. Look whether the connection is there; else ask who gave "
            + "you the link for a new one.");
    private static readonly Failure BeginnerGone = new(
        FailureKind.Forbidden, "key_gone", "The key that began this sign-in is deleted, or may not connect any more. Ask an admin for a new link.");
    private static readonly string[] AnyMethod =
        [HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options];

    private static readonly Failure NoPage = new(
        FailureKind.NotFound, "not_found", "There is no page under this address: open the link as it was given to you, or ask for a new one.");
    private static readonly Failure NoKey = new(
        FailureKind.Unauthenticated,
        "key_missing",
        "This address needs an API key, which a browser does not send. Ask an admin for a link: the command zoho connect prints one.");

    private static readonly Authorization Example = new(
        "0193a2b4-7a11-7c32-8d90-5e6f70819203",
        "zoho",
        AuthorizationState.Failed,
        ["campaigns"],
        ["AaaServer.profile.READ", "ZohoCampaigns.contact.UPDATE"],
        "eu",
        "company",
        new DateTimeOffset(2026, 11, 21, 9, 40, 0, TimeSpan.Zero),
        null,
        new AuthorizationFailure("access_denied", "The person declined at Zoho. Begin again, and accept there."));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOAuth()
        {
            const string title = "Not connected";
            var ofLink = new LimitedPerAddress("oauth-link") { NotGuessed = LinkOf };
            var group = routes.MapGroup("").WithTags("OAuth").AllowAnonymous();

            group.MapGet(OAuthPaths.Begin, Begin)
                .WithMetadata(new LimitedPerAddress("oauth-link"), new ForPeople(title, OnlyIfAsked: true), new DoesSomething())
                .Produces<OAuthLink>()
                .Produces(StatusCodes.Status302Found)
                .Describe(
                    "startAuthorization",
                    "Begin connecting a provider",
                    "With Accept: application/json the answer is a link for a browser, good once and for ten minutes; otherwise the browser is "
                    + "sent to the provider's consent page. Role needed: admin.",
                    response: new OAuthLink(
                        Example.Id, new Uri("http://127.0.0.1:8080/connect/CfDJ8A..."), new DateTimeOffset(2026, 11, 21, 9, 40, 0, TimeSpan.Zero)))
                .Fails(400, 401, 403, 409, 429, 500, 503);
            routes.MapGet(OAuthPaths.One, Get).WithTags("OAuth").RequireAuthorization(Policies.Admin)
                .Describe(
                    "getAuthorization",
                    "How far a person has come with a link",
                    "id is the link's. Known for an hour after its end. Role needed: admin.",
                    response: Example)
                .Fails(400, 401, 403, 404, 429, 500, 503);
            group.MapGet(OAuthPaths.Page, Ask)
                .WithMetadata(ofLink, new ForPeople(title), new SecretPath())
                .Produces<string>(StatusCodes.Status200OK, "text/html")
                .Describe(
                    "showConnectPage",
                    "The page that a link leads to",
                    "Says who asks for what, before anybody is sent to the provider. To look at it does not use the link up.")
                .FailsWithPage(400, 404, 409, 429, 500, 503)
                .WithAnyParameters();
            group.MapGet(OAuthPaths.GoOn, GoOn)
                .WithMetadata(ofLink, new ForPeople(title), new SecretPath(), new DoesSomething())
                .Produces(StatusCodes.Status302Found)
                .Describe("followConnectLink", "On to the provider", "Where the page's button leads, once; a browser that was not shown the page is sent to it.")
                .FailsWithPage(400, 404, 409, 429, 500, 503)
                .WithAnyParameters();
            group.MapMethods(OAuthPaths.Others, AnyMethod, Other)
                .WithMetadata(new LimitedPerAddress("oauth-link"), new ForPeople("Nothing here"), new SecretPath())
                .ExcludeFromDescription();
            group.MapGet(OAuthPaths.Callback, Complete)
                .WithMetadata(new LimitedPerAddress("oauth-callback") { NotGuessed = BegunHere }, new ForPeople(title), new DoesSomething())
                .Produces<string>(StatusCodes.Status200OK, "text/html")
                .Describe(
                    "completeAuthorization",
                    "Where a provider sends the browser back to",
                    "Register this address for the client at the provider. Answers a page for the person: what was connected, or what failed and what to do. "
                        + "Loaded again in the same browser it answers the same.")
                .FailsWithPage(400, 403, 409, 429, 500, 503)
                // a provider adds what it likes, and the browser in front of it cannot mend it
                .WithAnyParameters();
        }
    }

    private static async Task<IResult> Begin(
        [Description("The provider's name.")] string provider,
        [Description("Comma list of features of the provider; when absent its first, and crm where the settings switch it on.")] string? features,
        [FromQuery(Name = "data_centre"), Description("Where the client is registered, at a provider with data centres; the settings' region when absent.")] string? dataCentre,
        [Description("Who connects it or for whom; company when absent.")] string? owner,
        [FromQuery(Name = "extra_scopes"), Description("Comma list of the provider's scopes to ask for beside those of the features.")] string? extraScopes,
        HttpContext http,
        ConnectLinks links,
        ConnectionsClient connections,
        IOptions<GatewayOptions> options,
        CancellationToken cancellationToken)
    {
        if (Beginner.Of(http) is not { Caller: var caller } beginner)
        {
            return ForPeople.Of(http) is null ? Results.Challenge() : (ProblemResult)NoKey;
        }

        if (caller.Role < Role.Admin)
        {
            return (ProblemResult)CallerContext.RoleMissing(Role.Admin, caller.Role);
        }

        var request = new StartAuthorizationRequest
        {
            Provider = provider,
            Features = { ListOf(features) },
            ExtraScopes = { ListOf(extraScopes) },
            DataCentre = dataCentre ?? "",
            Owner = owner ?? "",
            RedirectUri = options.Value.Address(OAuthPaths.CallbackOf(provider)).AbsoluteUri,
        };
        var asksForLink = http.Request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == "application/json");
        var (cookie, sha256) = BrowserCookie.New(links.SealBeginner(beginner));
        if (!asksForLink)
        {
            request.BrowserSha256 = sha256;
        }

        // who asks for a link is told what is wrong, not whoever opens it
        var started = await connections.StartAuthorizationAsync(request, ServiceCalls.As(caller, cancellationToken));
        if (asksForLink)
        {
            var page = options.Value.Address(OAuthPaths.PageOf(links.Seal(beginner, started.Id)));
            return TypedResults.Ok(new OAuthLink(started.Id, page, started.ExpiresAt.ToDateTimeOffset()));
        }

        BrowserCookie.Set(http, provider, new Uri(started.AuthorizeUrl), cookie);
        return TypedResults.Redirect(started.AuthorizeUrl);
    }

    // one that this gateway gave, and a browser that it sent on: neither is refused for what others try
    private static string? LinkOf(HttpContext http) =>
        http.GetRouteValue("link") is string link && http.RequestServices.GetRequiredService<ConnectLinks>().IsLink(link)
            ? $"link:{BrowserCookie.Hash(link)}"
            : null;

    private static string? BegunHere(HttpContext http) =>
        BrowserCookie.Read(http, http.Request.Query["state"].ToString()) is { } browser
            && http.RequestServices.GetRequiredService<ConnectLinks>().IsBeginner(browser.BeganBy)
                ? $"browser:{browser.Sha256}"
                : null;

    private static string[] ListOf(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static async Task<Results<Ok<Authorization>, ProblemResult>> Get(
        [Description("The provider's name.")] string provider,
        string id,
        ServiceCall call,
        ConnectLinks links,
        ConnectionsClient connections,
        CancellationToken cancellationToken)
    {
        var found = await connections.GetAuthorizationAsync(new() { Id = id }, call.Options);
        if (found.Provider != provider)
        {
            return (ProblemResult)new Failure(
                FailureKind.NotFound, "authorization_not_found", $"{provider} has no such sign-in; {found.Provider} has.");
        }

        if (found.State is Contract.AuthorizationState.Waiting or Contract.AuthorizationState.Opened
            && !await links.MayConnectAsync(call.Caller.Tenant, found.BeganBy, cancellationToken))
        {
            // whoever opens it is refused
            (found.State, found.FailureCode, found.FailureMessage) = (Contract.AuthorizationState.Failed, BeginnerGone.Code, BeginnerGone.Message);
        }

        return TypedResults.Ok(found.ToApi());
    }

    private static async Task<IResult> Ask(
        [Description("From a link that this gateway gave.")] string link,
        HttpContext http,
        ConnectLinks links,
        ConnectionsClient connections,
        TenantStore tenants,
        CancellationToken cancellationToken)
    {
        if (await links.OpenAsync(link, cancellationToken) is not { } opened)
        {
            return (ProblemResult)LinkInvalid;
        }

        var caller = opened.Beginner.Caller;
        var asked = await connections.GetAuthorizationAsync(new() { Id = opened.Authorization }, ServiceCalls.As(caller, cancellationToken));
        if (asked.State is not (Contract.AuthorizationState.Waiting or Contract.AuthorizationState.Connected))
        {
            return (ProblemResult)asked.NotWaiting();
        }

        var tenant = (await tenants.GetAsync(caller.Tenant, cancellationToken)).Name;
        if (asked.State is Contract.AuthorizationState.Connected)
        {
            // where it was deleted since, that is what is said
            var made = await connections.GetConnectionAsync(new() { Id = asked.ConnectionId }, ServiceCalls.As(caller, cancellationToken));
            return OAuthPages.ConnectedBefore(made, tenant);
        }

        BrowserCookie.SetSeen(http, link);
        return OAuthPages.Asked(asked, tenant, OAuthPaths.GoOnOf(link));
    }

    private static async Task<IResult> GoOn(
        [Description("From a link that this gateway gave.")] string link,
        HttpContext http,
        ConnectLinks links,
        ConnectionsClient connections,
        CancellationToken cancellationToken)
    {
        if (await links.OpenAsync(link, cancellationToken) is not { } opened)
        {
            return (ProblemResult)LinkInvalid;
        }

        // who was sent past the page that says who asks for what, by a letter or another site, is shown it
        if (!BrowserCookie.HasSeen(http, link))
        {
            return TypedResults.Redirect(OAuthPaths.PageOf(link));
        }

        var (cookie, sha256) = BrowserCookie.New(links.SealBeginner(opened.Beginner));
        var call = ServiceCalls.As(opened.Beginner.Caller, cancellationToken);
        var provider = (await connections.GetAuthorizationAsync(new() { Id = opened.Authorization }, call)).Provider;
        var answer = await connections.OpenAuthorizationAsync(new() { Id = opened.Authorization, BrowserSha256 = sha256 }, call);
        // not before: the browser that opened the link the first time keeps the cookie that it was given
        BrowserCookie.Set(http, provider, new Uri(answer.AuthorizeUrl), cookie);
        return TypedResults.Redirect(answer.AuthorizeUrl);
    }

    // what no page takes: other methods of theirs, and addresses where there is none
    private static async Task<IResult> Other(string? rest, HttpContext http)
    {
        if (!OAuthPaths.IsPage(rest))
        {
            return (ProblemResult)NoPage;
        }

        http.Response.Headers.Allow = HttpMethods.Get;
        await HeadRequests.AnswerAsync(http);
        return Results.Empty;
    }

    private static async Task<IResult> Complete(
        [Description("Who sends the browser.")] string provider,
        [Description("The authorization code.")] string? code,
        [Description("What was sent to the provider, sealed; good once.")] string? state,
        [Description("The person's data centre, where the provider has such.")] string? location,
        [FromQuery(Name = "accounts-server"), Description("Where the code is exchanged; believed only if it is one of the provider's.")] string? accountsServer,
        [Description("access_denied when the person refused.")] string? error,
        HttpContext http,
        ConnectLinks links,
        ServiceCalls calls,
        ConnectionsClient connections,
        TenantStore tenants,
        CancellationToken cancellationToken)
    {
        if (BrowserCookie.Read(http, state ?? "") is not { } browser)
        {
            return (ProblemResult)OtherBrowser;
        }

        if (await links.FindBeginnerAsync(browser.BeganBy, cancellationToken) is not { } beginner)
        {
            return (ProblemResult)(links.IsBeginner(browser.BeganBy) ? BeginnerGone : OtherBrowser);
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
        return OAuthPages.Connected(answer.Connection, (await tenants.GetAsync(beginner.Tenant, cancellationToken)).Name);
    }
}
