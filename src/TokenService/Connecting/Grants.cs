using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.Revocations;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.Connecting;

/// <summary>A grant that the provider has just given or confirmed.</summary>
internal sealed record NewGrant(
    TenantId Tenant,
    string Owner,
    ProviderPlace Place,
    IReadOnlyCollection<string> Features,
    string ClientId,
    TokenGrant Tokens,
    string Actor,
    string? From)
{
    /// <summary>Scopes that were asked for beside those of the features.</summary>
    public IReadOnlyCollection<string> ExtraScopes { get; init; } = [];

    /// <summary>Not given for this connection: whoever brought it along may use it too, so that it is never taken back from here.</summary>
    public bool IsBroughtAlong { get; init; }

    public override string ToString() => $"grant of {Owner} at {Place}";
}

/// <summary>
/// Makes a connection of a grant. An owner has one connection per provider and data centre: another grant replaces the one before.
/// </summary>
internal sealed class Grants(
    TenantDb<TokensDbContext> db,
    SettingsStore settings,
    Seals seals,
    RevocationQueue revocations,
    ConnectionAlerts alerts,
    TokenCache cache,
    ProviderCatalogue providers,
    TimeProvider clock)
{
    // whoever connects waits for it, and it is worth no more than a warning in time
    private static readonly TimeSpan UserAskedFor = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Stores it, and has the replaced grant revoked. Fails only where there is no refresh token, because half a connection would end within
    /// the hour, or where others have taken the tenant's last place meanwhile.
    /// </summary>
    public async Task<Result<Connection>> KeepAsync(NewGrant grant)
    {
        if (grant.Tokens.RefreshToken is not { } refreshToken)
        {
            return grant.Place.Provider.NoRefreshToken;
        }

        // not cancelled by its caller: the provider has given the grant, and only here it can be used and revoked
        if (!(await StoreAsync(grant, refreshToken)).Succeeded(out var stored, out var full))
        {
            return full;
        }

        var (row, known) = stored;
        await cache.ForgetAsync(new ConnectionKey(grant.Tenant, row.Id), row.Version);
        await LearnUserAsync(row, grant);
        return ConnectionMessages.Of(row, known, await CountRefreshTokensAsync(row));
    }

    private async Task<Result<(ConnectionRow Row, ProviderSettings Settings)>> StoreAsync(NewGrant grant, string refreshToken)
    {
        await using var context = db.For(grant.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        // of two who connect the same owner at once, the second replaces what the first made
        await context.LockAsync($"grants {grant.Tenant} {grant.Owner}", CancellationToken.None);
        var row = await context.Connections.SingleOrDefaultAsync(known =>
            known.Provider == grant.Place.Provider.Name && known.Owner == grant.Owner && known.DataCentre == grant.Place.Code);
        if (row is not null)
        {
            row = (await context.LockConnectionAsync(row.Id, CancellationToken.None))!;
            await context.Entry(row).ReloadAsync();
        }

        var now = clock.GetUtcNow();
        var action = row is null ? AuditActions.ConnectionCreated : AuditActions.ConnectionReplaced;
        if (row is null)
        {
            row = NewRow(grant, now);
            if (!await context.HasPlaceForOneMoreAsync(grant.Tenant, CancellationToken.None))
            {
                await TakeBackAsync(context, row, grant, refreshToken, now);
                await transaction.CommitAsync();
                return ConnectionBounds.TooManyConnections;
            }

            context.Connections.Add(row);
        }
        else if (row.GrantSha256 != Secret.Sha256(refreshToken))
        {
            await revocations.AddAsync(context, row, now);
            (row.ProviderUserId, row.AccountName) = ("", "");
        }

        Fill(row, grant, refreshToken, now);
        await context.SaveChangesAsync();
        var chosen = await ChooseAsync(context, row);
        context.Audit(AuditEntry.Of(
            grant.Tenant,
            now,
            grant.Actor,
            action,
            ConnectionIds.SubjectOf(row.Id),
            new
            {
                owner = row.Owner,
                data_centre = row.DataCentre,
                features = row.Features,
                chosen_for = chosen,
                grant = row.GrantSha256[..8],
                brought_along = row.IsBroughtAlong,
            },
            grant.From));
        await context.SaveChangesAsync();
        var current = await settings.ReadAsync(context, grant.Place.Provider, CancellationToken.None);
        await alerts.NoteStateAsync(
            context, row.Id, row.Provider, row.State, row.StateReason, row.Features, row.ExtraScopes, row.GrantedScopes,
            CancellationToken.None);
        await transaction.CommitAsync();
        return (row, current);
    }

    /// <summary>Has it serve those of its features that nothing serves yet and that it can do something of; says which.</summary>
    private async Task<List<string>> ChooseAsync(TokensDbContext context, ConnectionRow row)
    {
        var features = providers[row.Provider].ServedWith(row.GrantedScopes).Select(feature => feature.Name).Intersect(row.Features, StringComparer.Ordinal).ToList();
        return await context.Database.SqlQuery<string>(
            $"""
            INSERT INTO feature_connections (tenant_id, feature, connection_id)
            SELECT {row.TenantId.Value}, feature, {row.Id} FROM unnest({features}) AS feature
            ON CONFLICT DO NOTHING
            RETURNING feature
            """).ToListAsync();
    }

    private async Task TakeBackAsync(TokensDbContext context, ConnectionRow row, NewGrant grant, string refreshToken, DateTimeOffset now)
    {
        Fill(row, grant, refreshToken, now);
        await revocations.AddAsync(context, row, now);
        await context.SaveChangesAsync();
    }

    // when the user is known: until then it was counted by another name
    private async Task<ProviderUsage> CountRefreshTokensAsync(ConnectionRow row)
    {
        await using var context = db.For(row.TenantId);
        await using var transaction = await context.Database.BeginTransactionAsync();
        var usage = await ProviderUsage.ReadAsync(context, providers, [row], clock.GetUtcNow(), CancellationToken.None);
        await alerts.NoteRefreshTokensAsync(context, row, usage, CancellationToken.None);
        await transaction.CommitAsync();
        return usage;
    }

    /// <summary>
    /// A provider may count refresh tokens by user. Without an answer, as where the grant does not cover the profile, they are counted by owner.
    /// </summary>
    private async Task LearnUserAsync(ConnectionRow row, NewGrant grant)
    {
        if (await AskUserAsync(grant) is not { } user)
        {
            return;
        }

        (row.ProviderUserId, row.AccountName) = (user.Id, user.Name);
        await using var context = db.For(grant.Tenant);
        await context.Connections
            .Where(known => known.Id == row.Id && known.GrantSha256 == row.GrantSha256)
            .ExecuteUpdateAsync(set => set
                .SetProperty(known => known.ProviderUserId, user.Id)
                .SetProperty(known => known.AccountName, user.Name));
    }

    private async Task<ProviderUser?> AskUserAsync(NewGrant grant)
    {
        try
        {
            return await grant.Place.Provider.FindUserAsync(grant.Place, grant.Tokens).WaitAsync(UserAskedFor, clock);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static ConnectionRow NewRow(NewGrant grant, DateTimeOffset now) => new()
    {
        TenantId = grant.Tenant,
        Id = Guid.CreateVersion7(now),
        Provider = grant.Place.Provider.Name,
        Owner = grant.Owner,
        DataCentre = grant.Place.Code,
        ApiDomain = "",
        ClientId = "",
        Features = [],
        GrantedScopes = [],
        State = ConnectionState.Active,
        RefreshTokenSealed = [],
        GrantSha256 = "",
        Version = 0,
        CreatedAt = now,
    };

    private void Fill(ConnectionRow row, NewGrant grant, string refreshToken, DateTimeOffset now)
    {
        var sha256 = Secret.Sha256(refreshToken);
        // one that was given for this connection stays so when somebody brings it again
        row.IsBroughtAlong = grant.IsBroughtAlong && (row.IsBroughtAlong || row.GrantSha256 != sha256);
        row.ApiDomain = grant.Tokens.ApiDomain ?? grant.Place.ApiDomain;
        row.OrganizationId = grant.Tokens.OrganizationId ?? "";
        row.ClientId = grant.ClientId;
        row.Features = [.. grant.Place.Provider.InOrder(row.Features.Concat(grant.Features)).Select(feature => feature.Name)];
        row.ExtraScopes = [.. row.ExtraScopes.Union(grant.ExtraScopes, StringComparer.Ordinal)];
        row.GrantedScopes = [.. grant.Tokens.Scopes];
        row.State = ConnectionState.Active;
        row.StateCode = "";
        row.StateReason = "";
        row.RefreshTokenSealed = seals.Seal(row.Place(ConnectionRow.RefreshTokenField), refreshToken);
        row.GrantSha256 = sha256;
        row.AccessTokenSealed = seals.Seal(row.Place(ConnectionRow.AccessTokenField), grant.Tokens.AccessToken);
        row.AccessTokenSha256 = Secret.Sha256(grant.Tokens.AccessToken);
        row.AccessTokenExpiresAt = now + grant.Tokens.ExpiresIn;
        row.Version++;
        row.Failures = 0;
        row.CooldownUntil = null;
        row.CooldownCode = "";
        row.CooldownReason = "";
        row.LastRefreshedAt = now;
    }
}
