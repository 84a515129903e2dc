using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>The authorization code flow: sends a person to the provider's consent page and makes a connection of what comes back.</summary>
internal sealed partial class AuthorizationFlow(
    TenantDb<TokensDbContext> db,
    SettingsStore settings,
    ProviderAddress address,
    ProviderCatalogue providers,
    ConnectionDirectory connections,
    Grants grants,
    IDataProtectionProvider protection,
    TimeProvider clock,
    ILogger<AuthorizationFlow> logger)
{
    private const int Sha256Digits = 64;
    private const int LongestRedirectUri = 500;

    public async Task<Result<StartAuthorizationResponse>> StartAsync(
        Caller caller, StartAuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (!GrantRequest.Read(providers, request.Provider, request.Features, request.DataCentre, request.Owner, request.ExtraScopes)
            .Succeeded(out var wanted, out var invalid))
        {
            return invalid;
        }

        var hasBrowser = request.BrowserSha256.Length > 0;
        if ((hasBrowser ? CheckBrowser(request.BrowserSha256) : null) is { } wrongBrowser)
        {
            return wrongBrowser;
        }

        if (CheckRedirectUri(request.RedirectUri) is { } problem)
        {
            return problem;
        }

        var (provider, owner) = (wanted.Provider, wanted.Owner);
        await using var context = db.For(caller.Tenant);
        var known = await settings.ReadAsync(context, provider, cancellationToken);
        var place = wanted.PlaceIn(known);
        if (!known.ClientAt(place).Succeeded(out var client, out var notConfigured))
        {
            return notConfigured;
        }

        if (!await context.HasPlaceAsync(provider.Name, owner, cancellationToken))
        {
            return ConnectionBounds.TooManyConnections;
        }

        var now = clock.GetUtcNow();
        // a new consent replaces the old one, so it must cover what the old one covers
        var served = await context.Connections
            .Where(connection => connection.Provider == provider.Name && connection.Owner == owner)
            .Select(connection => new { connection.Features, connection.ExtraScopes, connection.IsBroughtAlong, connection.GrantedScopes })
            .ToListAsync(cancellationToken);
        string[] features =
        [
            .. provider.InOrder(wanted.FeaturesOr(known.UsualFeatures).Concat(served.SelectMany(connection => connection.Features)))
                .Select(feature => feature.Name),
        ];
        string[] extraScopes = [.. wanted.ExtraScopes.Union(served.SelectMany(connection => connection.ExtraScopes), StringComparer.Ordinal)];
        // a grant from elsewhere may cover what nobody named here
        var brought = served.Where(connection => connection.IsBroughtAlong)
            .SelectMany(connection => provider.ScopesBeyond(features, extraScopes, connection.GrantedScopes));
        var row = new AuthorizationRow
        {
            TenantId = caller.Tenant,
            Id = Guid.CreateVersion7(now),
            Provider = provider.Name,
            Features = [.. features],
            ExtraScopes = [.. extraScopes.Union(brought, StringComparer.Ordinal)],
            DataCentre = place.Code,
            Owner = owner,
            RedirectUri = request.RedirectUri,
            Actor = caller.Subject,
            ActorFrom = caller.From,
            ExpiresAt = now + AuthorizationRow.Life,
            OpenedAt = hasBrowser ? now : null,
        };
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await context.TooManyPendingAsync(caller.Tenant, now, cancellationToken) is { } tooMany)
            {
                return tooMany;
            }

            context.Authorizations.Add(row);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return new StartAuthorizationResponse
        {
            Id = row.Id.ToString(),
            AuthorizeUrl = hasBrowser ? ConsentPage(row, client, request.BrowserSha256) : "",
            ExpiresAt = Timestamp.FromDateTimeOffset(row.ExpiresAt),
        };
    }

    public async Task<Result<OpenAuthorizationResponse>> OpenAsync(
        Caller caller, OpenAuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (CheckBrowser(request.BrowserSha256) is { } wrongBrowser)
        {
            return wrongBrowser;
        }

        await using var context = db.For(caller.Tenant);
        if (!(await FindAsync(context, request.Id, cancellationToken)).Succeeded(out var row, out var unknown))
        {
            return unknown;
        }

        // before the link is used up: it is good for another try once the settings are mended
        var provider = providers[row.Provider];
        var known = await settings.ReadAsync(context, provider, cancellationToken);
        if (!known.ClientAt(provider.PlaceOf(row.DataCentre)).Succeeded(out var client, out var notConfigured))
        {
            return notConfigured;
        }

        var now = clock.GetUtcNow();
        var expiresAt = now + AuthorizationRow.Life;
        if (await context.Authorizations
            .Where(one => one.Id == row.Id && one.OpenedAt == null && one.ExpiresAt > now)
            .ExecuteUpdateAsync(
                one => one.SetProperty(it => it.OpenedAt, now).SetProperty(it => it.ExpiresAt, expiresAt), cancellationToken) == 0)
        {
            return row.ExpiresAt <= now ? AuthorizationFailures.LinkExpired : AuthorizationFailures.LinkUsed;
        }

        row.ExpiresAt = expiresAt;
        return new OpenAuthorizationResponse
        {
            AuthorizeUrl = ConsentPage(row, client, request.BrowserSha256),
            ExpiresAt = Timestamp.FromDateTimeOffset(expiresAt),
        };
    }

    public async Task<Result<Authorization>> GetAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var context = db.For(caller.Tenant);
        return (await FindAsync(context, id, cancellationToken)).Succeeded(out var row, out var unknown) ? MessageOf(row) : unknown;
    }

    public async Task<Result<Connection>> CompleteAsync(CompleteAuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (!SealedState.Open(protection, request.State).Succeeded(out var state, out var invalid))
        {
            return invalid;
        }

        // before the state is used up: who got hold of the link must not spoil it
        if (!state.IsOfBrowser(request.BrowserSha256))
        {
            return AuthorizationFailures.OtherBrowser;
        }

        bool taken;
        AuthorizationRow? row;
        await using (var context = db.For(state.TenantId))
        {
            var now = clock.GetUtcNow();
            // of two callbacks that come at once, one takes it
            taken = await context.Authorizations
                .Where(one => one.Id == state.Id && one.TakenAt == null && one.ExpiresAt >= now)
                .ExecuteUpdateAsync(one => one.SetProperty(it => it.TakenAt, now), cancellationToken) == 1;
            row = await context.Authorizations.AsNoTracking().SingleOrDefaultAsync(one => one.Id == state.Id, cancellationToken);
        }

        return row is null ? AuthorizationFailures.StateExpired
            : taken ? await EndAsync(row, request)
            : await AsItEndedAsync(row, cancellationToken);
    }

    // not cancelled by its caller: once the code is sent the provider may have given a grant
    private async Task<Result<Connection>> EndAsync(AuthorizationRow row, CompleteAuthorizationRequest request)
    {
        Result<Connection> result;
        try
        {
            result = await ExchangeAsync(row, request);
        }
        catch
        {
            await KeepEndAsync(row, connectionId: null, AuthorizationFailures.Broken);
            throw;
        }

        await KeepEndAsync(row, result.Succeeded(out var connection, out var failure) ? Guid.Parse(connection.Id) : null, failure);
        return result;
    }

    private async Task<Result<Connection>> ExchangeAsync(AuthorizationRow row, CompleteAuthorizationRequest request)
    {
        var provider = providers[row.Provider];
        if (request.Error.Length > 0)
        {
            return request.Error == "access_denied" ? provider.AccessDenied : AuthorizationFailures.NotAuthorized(provider);
        }

        if (request.Code.Length == 0)
        {
            return Failure.InvalidField("code", "The callback carries no code.");
        }

        // anybody can write a callback's parameters
        if (provider.PlaceOfCallback(request.Location, request.AccountsServer, provider.PlaceOf(row.DataCentre)) is not { } place)
        {
            return AuthorizationFailures.AccountsServerUnknown(provider);
        }

        var known = await settings.ReadAsync(row.TenantId, provider, CancellationToken.None);
        if (!known.ClientAt(place).Succeeded(out var client, out var notConfigured))
        {
            return notConfigured;
        }

        var exchanged = await provider.ExchangeCodeAsync(place, client, request.Code, row.RedirectUri);
        return exchanged.Succeeded(out var grant, out var refused)
            ? await grants.KeepAsync(
                new NewGrant(row.TenantId, row.Owner, place, row.Features, client.Id, grant, row.Actor, row.ActorFrom)
                { ExtraScopes = row.ExtraScopes })
            : refused;
    }

    // what the browser waits for is done: where this is not kept, a page that is loaded again does not know it
    private async Task KeepEndAsync(AuthorizationRow row, Guid? connectionId, Failure? failure)
    {
        try
        {
            await using var context = db.For(row.TenantId);
            var now = clock.GetUtcNow();
            await context.Authorizations.Where(one => one.Id == row.Id).ExecuteUpdateAsync(one => one
                .SetProperty(it => it.EndedAt, now)
                .SetProperty(it => it.ConnectionId, connectionId)
                .SetProperty(it => it.FailureKind, failure == null ? null : failure.Kind)
                .SetProperty(it => it.FailureCode, failure == null ? null : failure.Code)
                .SetProperty(it => it.FailureMessage, failure == null ? null : failure.Message));
        }
        catch (Exception e) when (StorageOutage.Is(e))
        {
            LogNotKept(e);
        }
    }

    private async Task<Result<Connection>> AsItEndedAsync(AuthorizationRow row, CancellationToken cancellationToken) => row switch
    {
        { Failure: { } failure } => failure,
        { ConnectionId: { } made } => (await connections.GetAsync(row.TenantId, made, cancellationToken)).Succeeded(out var connection, out _)
            ? connection
            : AuthorizationFailures.ConnectionGone,
        { TakenAt: not null } when row.ExpiresAt > clock.GetUtcNow() => AuthorizationFailures.BeingFinished,
        _ => AuthorizationFailures.StateExpired,
    };

    private static async Task<Result<AuthorizationRow>> FindAsync(TokensDbContext context, string id, CancellationToken cancellationToken) =>
        Guid.TryParseExact(id, "D", out var parsed)
            && await context.Authorizations.AsNoTracking().SingleOrDefaultAsync(one => one.Id == parsed, cancellationToken) is { } row
                ? row
                : AuthorizationFailures.NotFound;

    private string ConsentPage(AuthorizationRow row, OAuthClient client, string browserSha256)
    {
        var provider = providers[row.Provider];
        var state = new SealedState(row.TenantId.Value, row.Id, browserSha256);
        var page = provider.ConsentPage(provider.PlaceOf(row.DataCentre), client.Id, row.RedirectUri, ScopesOf(row), state.Seal(protection));
        return address.ForBrowser(page).AbsoluteUri;
    }

    private IReadOnlyList<string> ScopesOf(AuthorizationRow row) => providers[row.Provider].ScopesToAskFor(row.Features, row.ExtraScopes);

    private Authorization MessageOf(AuthorizationRow row)
    {
        var provider = providers[row.Provider];
        var message = new Authorization
        {
            Id = row.Id.ToString(),
            Provider = provider.Name,
            ProviderTitle = provider.Title,
            State = row switch
            {
                { ConnectionId: not null } => AuthorizationState.Connected,
                { Failure: not null } => AuthorizationState.Failed,
                _ when row.ExpiresAt <= clock.GetUtcNow() => AuthorizationState.Expired,
                { OpenedAt: not null } => AuthorizationState.Opened,
                _ => AuthorizationState.Waiting,
            },
            Features = { row.Features },
            Scopes = { ScopesOf(row) },
            DataCentre = provider.HasDataCentres ? row.DataCentre : "",
            Owner = row.Owner,
            ExpiresAt = Timestamp.FromDateTimeOffset(row.ExpiresAt),
            ConnectionId = row.ConnectionId?.ToString() ?? "",
            BeganBy = row.Actor,
        };
        var failure = message.State switch
        {
            AuthorizationState.Failed => row.Failure,
            AuthorizationState.Expired => AuthorizationFailures.LinkExpired,
            AuthorizationState.Opened => AuthorizationFailures.LinkUsed,
            _ => null,
        };
        (message.FailureCode, message.FailureMessage) = (failure?.Code ?? "", failure?.Message ?? "");
        return message;
    }

    private static Failure? CheckBrowser(string sha256) =>
        sha256.Length == Sha256Digits && sha256.All(char.IsAsciiHexDigitLower)
            ? null
            : Failure.InvalidField("browser_sha256", "browser_sha256 must be a SHA-256 in 64 lower-case hex digits.");

    private static Failure? CheckRedirectUri(string text) =>
        text.Length <= LongestRedirectUri
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Fragment.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
                ? null
                : Failure.InvalidField(
                    "redirect_uri", "redirect_uri must be an https address (http only on this machine), as registered at the provider.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "How a sign-in ended could not be kept; its page does not load again")]
    private partial void LogNotKept(Exception exception);
}
