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
internal sealed class AuthorizationFlow(
    TenantDb<TokensDbContext> db,
    SettingsStore settings,
    ProviderAddress address,
    ProviderCatalogue providers,
    Grants grants,
    IDataProtectionProvider protection,
    TimeProvider clock)
{
    /// <summary>Time for a person to sign in, choose an organisation and consent.</summary>
    public static readonly TimeSpan StateLife = TimeSpan.FromMinutes(10);

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

        if (Check(request) is { } problem)
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

        if (request.ValidateOnly)
        {
            return new StartAuthorizationResponse();
        }

        var now = clock.GetUtcNow();
        // a new consent replaces the old one, so it must cover what the old one covers
        var served = await context.Connections
            .Where(connection => connection.Provider == provider.Name && connection.Owner == owner)
            .Select(connection => new { connection.Features, connection.ExtraScopes })
            .ToListAsync(cancellationToken);
        var pending = new PendingAuthorization
        {
            TenantId = caller.Tenant,
            Id = Guid.CreateVersion7(now),
            Provider = provider.Name,
            Features = [.. provider.InOrder(wanted.Features.Concat(served.SelectMany(connection => connection.Features))).Select(feature => feature.Name)],
            ExtraScopes = [.. wanted.ExtraScopes.Union(served.SelectMany(connection => connection.ExtraScopes), StringComparer.Ordinal)],
            DataCentre = place.Code,
            Owner = owner,
            RedirectUri = request.RedirectUri,
            Actor = caller.Subject,
            ActorFrom = caller.From,
            ExpiresAt = now + StateLife,
        };
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await context.TooManyPendingAsync(caller.Tenant, now, cancellationToken) is { } tooMany)
            {
                return tooMany;
            }

            context.PendingAuthorizations.Add(pending);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        var state = new AuthorizationState(caller.Tenant.Value, pending.Id, pending.ExpiresAt, request.BrowserSha256);
        var scopes = provider.ScopesToAskFor(pending.Features, pending.ExtraScopes);
        var page = provider.ConsentPage(place, client.Id, pending.RedirectUri, scopes, state.Seal(protection));
        return new StartAuthorizationResponse
        {
            AuthorizeUrl = address.ForBrowser(page).AbsoluteUri,
            ExpiresAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(pending.ExpiresAt),
        };
    }

    public async Task<Result<Connection>> CompleteAsync(CompleteAuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (!AuthorizationState.Open(protection, request.State).Succeeded(out var state, out var invalid))
        {
            return invalid;
        }

        if (state.ExpiresAt < clock.GetUtcNow())
        {
            return AuthorizationFailures.StateExpired;
        }

        // before the state is used up: who got hold of the link must not spoil it
        if (!state.IsOfBrowser(request.BrowserSha256))
        {
            return AuthorizationFailures.OtherBrowser;
        }

        if (await TakeAsync(state, cancellationToken) is not { } pending)
        {
            return AuthorizationFailures.StateUsed;
        }

        var provider = providers[pending.Provider];
        if (request.Error.Length > 0)
        {
            return request.Error == "access_denied" ? provider.AccessDenied : AuthorizationFailures.NotAuthorized(provider);
        }

        if (request.Code.Length == 0)
        {
            return Failure.InvalidField("code", "The callback carries no code.");
        }

        // anybody can write a callback's parameters
        if (provider.PlaceOfCallback(request.Location, request.AccountsServer, provider.PlaceOf(pending.DataCentre)) is not { } place)
        {
            return AuthorizationFailures.AccountsServerUnknown(provider);
        }

        var known = await settings.ReadAsync(state.TenantId, provider, cancellationToken);
        if (!known.ClientAt(place).Succeeded(out var client, out var notConfigured))
        {
            return notConfigured;
        }

        var exchanged = await provider.ExchangeCodeAsync(place, client, request.Code, pending.RedirectUri);
        return exchanged.Succeeded(out var grant, out var refused)
            ? await grants.KeepAsync(
                new NewGrant(state.TenantId, pending.Owner, place, pending.Features, client.Id, grant, pending.Actor, pending.ActorFrom)
                {
                    ExtraScopes = pending.ExtraScopes,
                    IsFresh = true,
                })
            : refused;
    }

    private static Failure? Check(StartAuthorizationRequest request)
    {
        if (!request.ValidateOnly && (request.BrowserSha256.Length != Sha256Digits || !request.BrowserSha256.All(char.IsAsciiHexDigitLower)))
        {
            return Failure.InvalidField("browser_sha256", "browser_sha256 must be a SHA-256 in 64 lower-case hex digits.");
        }

        return request.RedirectUri.Length <= LongestRedirectUri
            && Uri.TryCreate(request.RedirectUri, UriKind.Absolute, out var uri)
            && uri.Fragment.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
                ? null
                : Failure.InvalidField(
                    "redirect_uri", "redirect_uri must be an https address (http only on this machine), as registered at the provider.");
    }

    private async Task<PendingAuthorization?> TakeAsync(AuthorizationState state, CancellationToken cancellationToken)
    {
        await using var context = db.For(state.TenantId);
        var pending = await context.PendingAuthorizations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == state.Id, cancellationToken);
        // of two callbacks that come at once, one deletes the row
        return await context.PendingAuthorizations.Where(row => row.Id == state.Id).ExecuteDeleteAsync(cancellationToken) == 1
            ? pending
            : null;
    }
}
