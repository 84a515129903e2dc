using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Secrets;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>Connects with a grant that exists already. Zoho must accept it before anything is stored.</summary>
internal sealed class GrantImport(
    TenantDb<TokensDbContext> db, SettingsStore settings, ZohoAccountsClient accounts, Grants grants, TimeProvider clock)
{
    private const int LongestGrant = 500;

    public async Task<Result<Connection>> CreateAsync(Caller caller, CreateConnectionRequest request, CancellationToken cancellationToken)
    {
        if ((GrantRequests.Check(request.Provider, request.Features, request.DataCentre, request.Owner)
            ?? CheckGrant(request)) is { } problem)
        {
            return problem;
        }

        var known = await settings.ReadAsync(caller.Tenant, request.Provider, cancellationToken);
        var dataCentre = DataCentres.Find(request.DataCentre.Length > 0 ? request.DataCentre : known.Row.Region)!;
        if (!known.ClientAt(dataCentre).Succeeded(out var client, out var notConfigured))
        {
            return notConfigured;
        }

        var tried = request.GrantCase is CreateConnectionRequest.GrantOneofCase.GrantCode
            ? await accounts.ExchangeCodeAsync(
                dataCentre, client.Id, client.Secret, request.GrantCode, redirectUri: null, CancellationToken.None)
            : await TryRefreshTokenAsync(caller.Tenant, known, dataCentre, client, request.RefreshToken);
        return tried.Succeeded(out var grant, out var refused)
            ? await grants.KeepAsync(new NewGrant(
                caller.Tenant, request.Provider, GrantRequests.OwnerOf(request.Owner),
                dataCentre, request.Features, client.Id, grant, caller.Subject))
            : refused;
    }

    private static Failure? CheckGrant(CreateConnectionRequest request) => request.GrantCase switch
    {
        CreateConnectionRequest.GrantOneofCase.GrantCode when !IsGrant(request.GrantCode) =>
            Failure.InvalidField("grant_code", "grant_code must be the code as the API console shows it."),
        CreateConnectionRequest.GrantOneofCase.RefreshToken when !IsGrant(request.RefreshToken) =>
            Failure.InvalidField("refresh_token", "refresh_token must be the token as Zoho gave it."),
        CreateConnectionRequest.GrantOneofCase.None => Failure.InvalidField("grant_code", "Send a grant_code or a refresh_token."),
        CreateConnectionRequest.GrantOneofCase.GrantCode or CreateConnectionRequest.GrantOneofCase.RefreshToken => null,
    };

    private static bool IsGrant(string text) =>
        text.Length is > 0 and <= LongestGrant && text.All(character => character is > ' ' and < '\x7F');

    private async Task<Result<TokenGrant>> TryRefreshTokenAsync(
        TenantId tenant, ProviderSettings known, DataCentre dataCentre, OAuthClient client, string refreshToken)
    {
        await using var context = db.For(tenant);
        var now = clock.GetUtcNow();
        if (!(await RefreshBudget.TakeAsync(context, Secret.Sha256(refreshToken), now, CancellationToken.None))
            .Succeeded(out var attempt, out var spent))
        {
            return spent;
        }

        await context.SaveChangesAsync();
        var answer = await accounts.RefreshAsync(dataCentre, client.Id, client.Secret, refreshToken, CancellationToken.None);
        var granted = answer.Succeeded(out var grant, out var failure);
        await RefreshBudget.CloseAsync(context, attempt, granted ? RefreshAttempt.Granted : failure!.Code, CancellationToken.None);
        return granted
            ? grant! with { RefreshToken = refreshToken }
            : await ExplainAsync(known, dataCentre, refreshToken, failure!);
    }

    // a token of another data centre looks unknown, as a wrong one does: asking the others tells the two apart
    private async Task<Failure> ExplainAsync(ProviderSettings known, DataCentre asked, string refreshToken, Failure failure)
    {
        if (failure.Kind is not FailureKind.Precondition)
        {
            return failure;
        }

        var elsewhere = await Task.WhenAll(DataCentres.All
            .Where(other => other.Verified && other != asked)
            .Select(other => AcceptsAsync(known, other, refreshToken)));
        if (elsewhere.FirstOrDefault(found => found is not null) is { } right)
        {
            return ConnectionFailures.WrongDataCentre(asked.Code, right.Code);
        }

        return failure.Code == ZohoAccountsFailures.GrantRevoked.Code ? ConnectionFailures.RefreshTokenInvalid(asked.Code) : failure;
    }

    private async Task<DataCentre?> AcceptsAsync(ProviderSettings known, DataCentre dataCentre, string refreshToken) =>
        known.ClientAt(dataCentre).Succeeded(out var client, out _)
        && (await accounts.RefreshAsync(dataCentre, client.Id, client.Secret, refreshToken, CancellationToken.None)).Succeeded(out _, out _)
            ? dataCentre
            : null;
}
