using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>Connects with a grant that exists already. The provider must accept it before anything is stored.</summary>
internal sealed class GrantImport(
    TenantDb<TokensDbContext> db, SettingsStore settings, ProviderCatalogue providers, Grants grants, TimeProvider clock)
{
    private const int LongestGrant = 500;

    public async Task<Result<Connection>> CreateAsync(Caller caller, CreateConnectionRequest request, CancellationToken cancellationToken)
    {
        if (!GrantRequest.Read(providers, request.Provider, request.Features, request.DataCentre, request.Owner, extraScopes: [])
            .Succeeded(out var wanted, out var invalid))
        {
            return invalid;
        }

        if (CheckGrant(wanted.Provider, request) is { } problem)
        {
            return problem;
        }

        var known = await settings.ReadAsync(caller.Tenant, wanted.Provider, cancellationToken);
        var place = wanted.PlaceIn(known);
        if (!known.ClientAt(place).Succeeded(out var client, out var notConfigured))
        {
            return notConfigured;
        }

        await using (var context = db.For(caller.Tenant))
        {
            // before a code is used up
            if (!await context.HasPlaceAsync(wanted.Provider.Name, wanted.Owner, cancellationToken))
            {
                return ConnectionBounds.TooManyConnections;
            }
        }

        var isCode = request.GrantCase is CreateConnectionRequest.GrantOneofCase.GrantCode;
        var tried = isCode
            ? await place.Provider.ExchangeCodeAsync(place, client, request.GrantCode, redirectUri: null)
            : await TryRefreshTokenAsync(caller.Tenant, known, place, client, request.RefreshToken);
        return tried.Succeeded(out var grant, out var refused)
            ? await grants.KeepAsync(new NewGrant(
                caller.Tenant, wanted.Owner, place, FeaturesOf(wanted, grant, known), client.Id, grant, caller.Subject, caller.From)
            { IsBroughtAlong = !isCode })
            : refused;
    }

    // its scopes were chosen elsewhere, so that what it is for follows from them where nobody says
    private static IReadOnlyList<string> FeaturesOf(GrantRequest wanted, TokenGrant grant, ProviderSettings known)
    {
        var served = grant.Scopes.Count == 0 ? [] : wanted.Provider.ServedWith(grant.Scopes).ToList();
        return wanted.FeaturesOr(served.Count > 0 ? served : known.UsualFeatures);
    }

    private static Failure? CheckGrant(OAuthProvider provider, CreateConnectionRequest request) => request.GrantCase switch
    {
        CreateConnectionRequest.GrantOneofCase.GrantCode when !provider.GivesGrantCodes => Failure.InvalidField(
            "grant_code", $"{provider.Title} gives codes to its consent page only: connect in a browser, or send a refresh_token."),
        CreateConnectionRequest.GrantOneofCase.GrantCode when !IsGrant(request.GrantCode) =>
            Failure.InvalidField("grant_code", "grant_code must be the code as the API console shows it."),
        CreateConnectionRequest.GrantOneofCase.RefreshToken when !IsGrant(request.RefreshToken) =>
            Failure.InvalidField("refresh_token", "refresh_token must be the token as the provider gave it."),
        CreateConnectionRequest.GrantOneofCase.None => Failure.InvalidField("grant_code", "Send a grant_code or a refresh_token."),
        CreateConnectionRequest.GrantOneofCase.GrantCode or CreateConnectionRequest.GrantOneofCase.RefreshToken => null,
    };

    private static bool IsGrant(string text) =>
        text.Length is > 0 and <= LongestGrant && text.All(character => character is > ' ' and < '\x7F');

    private async Task<Result<TokenGrant>> TryRefreshTokenAsync(
        TenantId tenant, ProviderSettings known, ProviderPlace place, OAuthClient client, string refreshToken)
    {
        RefreshAttempt? attempt;
        await using (var context = db.For(tenant))
        {
            var taken = await RefreshBudget.TakeAsync(
                context, place.Provider, Secret.Sha256(refreshToken), clock.GetUtcNow(), CancellationToken.None);
            if (!taken.Succeeded(out attempt, out var spent))
            {
                return spent;
            }

            await context.SaveChangesAsync();
        }

        var answer = await place.Provider.AdoptAsync(place, client, refreshToken);
        var granted = answer.Succeeded(out var grant, out var failure);
        await using (var context = db.For(tenant))
        {
            await RefreshBudget.CloseAsync(context, attempt, granted ? RefreshAttempt.Granted : failure!.Code, CancellationToken.None);
        }

        return granted ? grant! : await ExplainAsync(known, place, refreshToken, failure!);
    }

    // a token of another data centre looks unknown, as a wrong one does: asking the others tells the two apart
    private static async Task<Failure> ExplainAsync(ProviderSettings known, ProviderPlace asked, string refreshToken, Failure failure)
    {
        if (failure.Kind is not FailureKind.Precondition)
        {
            return failure;
        }

        var elsewhere = await Task.WhenAll(asked.Provider.PlacesToProbe(asked).Select(other => AcceptsAsync(known, other, refreshToken)));
        if (elsewhere.FirstOrDefault(found => found is not null) is { } right)
        {
            return ConnectionFailures.WrongDataCentre(asked, right);
        }

        return asked.Provider.Judge(failure) is RefusedRefresh.GrantGone ? ConnectionFailures.RefreshTokenInvalid(asked) : failure;
    }

    private static async Task<ProviderPlace?> AcceptsAsync(ProviderSettings known, ProviderPlace place, string refreshToken) =>
        known.ClientAt(place).Succeeded(out var client, out _)
        && (await place.Provider.RefreshAsync(place, client, refreshToken)).Succeeded(out _, out _)
            ? place
            : null;
}
