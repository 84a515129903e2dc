using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>
/// Gets a connection's next access token, one replica at a time. Nobody asks the provider without the lease; who waited for it looks again
/// before asking. What was asked is written down before it is sent, and what came is in the database before it is shared.
/// </summary>
internal sealed partial class TokenRefresher(
    TenantDb<TokensDbContext> db,
    SettingsStore settings,
    RefreshLease lease,
    TokenCache cache,
    TokenChanges changes,
    ProviderCatalogue providers,
    Seals seals,
    ConnectionAlerts alerts,
    TokenMetrics metrics,
    TimeProvider clock,
    ILogger<TokenRefresher> logger)
{
    /// <summary>How long a refresh by another replica is waited for.</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);

    // with the request before it, well within the lease
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WriteAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The token that the database holds, by one question and without the lease; null where it is not valid for
    /// <paramref name="minValidity"/>.
    /// </summary>
    public async Task<HandOut?> FindAsync(ConnectionKey key, TimeSpan minValidity)
    {
        await using var context = db.For(key.Tenant);
        var found = await (
            from row in context.Connections.AsNoTracking().Where(row => row.Id == key.Id)
            from set in context.Settings.Where(set => set.Provider == row.Provider).DefaultIfEmpty()
            select new { row, set }).SingleOrDefaultAsync();
        if (found is null)
        {
            return null;
        }

        var provider = providers[found.row.Provider];
        var known = ProviderSettings.WithoutSecrets(
            provider, found.set ?? new SettingsRow { TenantId = key.Tenant, Provider = provider.Name });
        if (known.SwitchedOff is not null
            || HandOutOf(found.row, known) is not { } token
            || !token.IsValidAt(clock.GetUtcNow() + ValidityOf(provider, minValidity)))
        {
            return null;
        }

        await cache.PutAsync(key, token);
        return token;
    }

    /// <summary>A token that is valid for <paramref name="minValidity"/>: the one that is there, or a new one.</summary>
    public Task<Result<HandOut>> GetAsync(ConnectionKey key, TimeSpan minValidity) => GetAsync(key, minValidity, newerThan: null);

    /// <summary>
    /// A token that the provider gives now, which shows that it accepts the client and the grant; <c>client_not_tried</c> where half of the
    /// budget is used. Where it gives none, the one that is there is used on.
    /// </summary>
    public Task<Result<HandOut>> GetFreshAsync(ConnectionKey key) => GetAsync(key, TimeSpan.Zero, clock.GetUtcNow());

    private async Task<Result<HandOut>> GetAsync(ConnectionKey key, TimeSpan minValidity, DateTimeOffset? newerThan)
    {
        var owner = Guid.NewGuid();
        var started = clock.GetTimestamp();
        while (true)
        {
            if (await lease.TryTakeAsync(key, owner))
            {
                try
                {
                    if (await LookAndRefreshAsync(key, owner, minValidity, newerThan) is { } answer)
                    {
                        return answer;
                    }
                }
                finally
                {
                    await lease.ReleaseAsync(key, owner);
                }
            }

            if (clock.GetElapsedTime(started) > WaitLimit)
            {
                return ConnectionFailures.RefreshInProgress;
            }

            metrics.WaitedForLease();
            await changes.WaitAsync(key, LookAgainAfter);
            if (newerThan is null && await cache.FindAsync(key) is { } token && token.IsValidAt(clock.GetUtcNow() + minValidity))
            {
                return token;
            }
        }
    }

    /// <summary>Null: somebody else has the connection's lease, or changed the connection meanwhile; look again.</summary>
    private async Task<Result<HandOut>?> LookAndRefreshAsync(ConnectionKey key, Guid owner, TimeSpan minValidity, DateTimeOffset? newerThan)
    {
        var (answer, request) = await BeginAsync(key, owner, minValidity, newerThan);
        if (request is null)
        {
            return answer;
        }

        using var activity = TokenTraces.StartRefresh(request.Row, request.Attempt.BudgetLeft);
        var granted = await AskProviderAsync(key, owner, request);
        var succeeded = granted.Succeeded(out var grant, out var failure);
        activity.SetVerdict(failure);
        return await UntilWrittenAsync(() => succeeded
            ? KeepAsync(key, owner, request, grant!)
            : NoteFailureAsync(key, owner, request, failure!));
    }

    private async Task<Result<TokenGrant>> AskProviderAsync(ConnectionKey key, Guid owner, RefreshRequest request)
    {
        await using var renewal = lease.KeepRenewing(key, owner);
        // never cancelled: the provider gives the token, and counts it, whether anybody waits or not
        return await request.Place.Provider.RefreshAsync(request.Place, request.Client, request.RefreshToken);
    }

    // a database that is away for a moment must not cost the token, nor leave the row's lease to the clock
    private async Task<Result<HandOut>?> UntilWrittenAsync(Func<Task<Result<HandOut>?>> write)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await write();
            }
            catch (Exception e) when (StorageOutage.Is(e) && clock.GetElapsedTime(started) < WriteLimit)
            {
                LogNotWritten(e);
                await Task.Delay(WriteAgainAfter, clock);
            }
        }
    }

    private async Task<(Result<HandOut>? Answer, RefreshRequest? Request)> BeginAsync(
        ConnectionKey key, Guid owner, TimeSpan minValidity, DateTimeOffset? newerThan)
    {
        await using var context = db.For(key.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        if (await context.LockConnectionAsync(key.Id, CancellationToken.None) is not { } row)
        {
            return (ConnectionFailures.NotFound, null);
        }

        var now = clock.GetUtcNow();
        var provider = providers[row.Provider];
        var known = await settings.ReadAsync(context, provider, CancellationToken.None);
        if (known.SwitchedOff is { } switchedOff)
        {
            return (switchedOff, null);
        }

        // another test may have had it meanwhile
        var isNewEnough = newerThan is null || row.LastRefreshedAt > newerThan;
        if (isNewEnough && HandOutOf(row, known) is { } token && token.IsValidAt(now + ValidityOf(provider, minValidity)))
        {
            await transaction.CommitAsync();
            await cache.PutAsync(key, token);
            return (token, null);
        }

        // who tests has mended something perhaps, at the provider's own console too
        if (Refusal(row, now) is { } refusal && !(newerThan is not null && row.State is ConnectionState.Misconfigured))
        {
            return (refusal, null);
        }

        var place = provider.PlaceOf(row.DataCentre);
        if (!known.ClientAt(place).Succeeded(out var client, out var notConfigured))
        {
            return (notConfigured, null);
        }

        if (client.Id != row.ClientId)
        {
            return (ConnectionFailures.ClientChanged, null);
        }

        if (newerThan is not null
            && (await RefreshBudget.UsedAsync(context, [row.GrantSha256], now, CancellationToken.None)).GetValueOrDefault(row.GrantSha256) is var used
            && used >= provider.Refreshes.BudgetHalf)
        {
            return (ConnectionFailures.NotTried(provider, used), null);
        }

        if (!(await RefreshBudget.TakeAsync(context, provider, row.GrantSha256, now, CancellationToken.None))
            .Succeeded(out var attempt, out var spent))
        {
            LogBudgetSpent(key.Id);
            return (spent, null);
        }

        // by the database's clock, the only one that all replicas share
        var taken = await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE connections SET lease_owner = {owner}, lease_until = now() + {RefreshLease.Life}
            WHERE id = {key.Id} AND (lease_until IS NULL OR lease_until < now())
            """);
        if (taken == 0)
        {
            return (null, null);
        }

        await context.SaveChangesAsync();
        await alerts.NoteBudgetAsync(context, row, CancellationToken.None);
        await transaction.CommitAsync();
        if (provider.Refreshes.IsDocumented && attempt.BudgetLeft == provider.Refreshes.InTenMinutes - provider.Refreshes.BudgetHalf)
        {
            LogBudgetHalf(key.Id);
        }

        var refreshToken = seals.Open(row.Place(ConnectionRow.RefreshTokenField), row.RefreshTokenSealed);
        return (null, new RefreshRequest(row, place, known, client, refreshToken, attempt));
    }

    private async Task<Result<HandOut>?> KeepAsync(ConnectionKey key, Guid owner, RefreshRequest request, TokenGrant grant)
    {
        var row = request.Row;
        var now = clock.GetUtcNow();
        var organization = grant.OrganizationId ?? row.OrganizationId;
        var scopes = grant.Scopes.Count > 0 ? [.. grant.Scopes] : row.GrantedScopes;
        var handOut = new HandOut(
            grant.AccessToken,
            now + grant.ExpiresIn,
            row.Version + 1,
            request.Settings.ApiDomainOver(grant.ApiDomain ?? row.ApiDomain),
            row.DataCentre,
            request.Place.Provider.AuthorizationScheme,
            request.Settings.OrganizationIdsOver(organization),
            scopes,
            row.AccountIdOver(organization),
            row.AccountNameOver(organization));
        var accessToken = seals.Seal(row.Place(ConnectionRow.AccessTokenField), grant.AccessToken);
        var sha256 = Secret.Sha256(grant.AccessToken);

        await using var context = db.For(key.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        await RefreshBudget.CloseAsync(context, request.Attempt, RefreshAttempt.Granted, CancellationToken.None);
        await KeepRefreshTokenAsync(context, request, grant);
        var kept = await context.Connections
            .Where(known => known.Id == key.Id && known.Version == row.Version && known.LeaseOwner == owner)
            .ExecuteUpdateAsync(set => set
                .SetProperty(known => known.AccessTokenSealed, accessToken)
                .SetProperty(known => known.AccessTokenSha256, sha256)
                .SetProperty(known => known.AccessTokenExpiresAt, handOut.ExpiresAt)
                .SetProperty(known => known.ApiDomain, grant.ApiDomain ?? row.ApiDomain)
                .SetProperty(known => known.OrganizationId, organization)
                .SetProperty(known => known.GrantedScopes, scopes)
                .SetProperty(known => known.Version, handOut.Version)
                .SetProperty(known => known.State, ConnectionState.Active)
                .SetProperty(known => known.StateCode, "")
                .SetProperty(known => known.StateReason, "")
                .SetProperty(known => known.Failures, 0)
                .SetProperty(known => known.CooldownUntil, (DateTimeOffset?)null)
                .SetProperty(known => known.CooldownCode, "")
                .SetProperty(known => known.CooldownReason, "")
                .SetProperty(known => known.LastRefreshedAt, now)
                .SetProperty(known => known.LeaseOwner, (Guid?)null)
                .SetProperty(known => known.LeaseUntil, (DateTimeOffset?)null));
        if (kept == 0)
        {
            await context.ReleaseLeaseAsync(key.Id, owner);
        }
        else
        {
            await alerts.NoteStateAsync(
                context, row.Id, row.Provider, ConnectionState.Active, "", row.Features, row.ExtraScopes, scopes, CancellationToken.None);
        }

        await transaction.CommitAsync();
        metrics.Refreshed(RefreshAttempt.Granted);
        if (kept == 0)
        {
            // connected anew or changed in between: the token belongs to what was there before
            LogOvertaken(key.Id);
            return null;
        }

        await cache.PutAsync(key, handOut);
        LogRefreshed(key.Id, handOut.ExpiresAt);
        return handOut;
    }

    /// <summary>
    /// A provider that gives another refresh token takes the old one's place with it: kept also where the connection's settings changed
    /// meanwhile, as long as the grant is still this one.
    /// </summary>
    private async Task KeepRefreshTokenAsync(TokensDbContext context, RefreshRequest request, TokenGrant grant)
    {
        if (grant.RefreshToken is not { } refreshToken || refreshToken == request.RefreshToken)
        {
            return;
        }

        var row = request.Row;
        var (replaced, sha256) = (seals.Seal(row.Place(ConnectionRow.RefreshTokenField), refreshToken), Secret.Sha256(refreshToken));
        await context.Connections
            .Where(known => known.Id == row.Id && known.GrantSha256 == row.GrantSha256)
            .ExecuteUpdateAsync(set => set
                .SetProperty(known => known.RefreshTokenSealed, replaced)
                .SetProperty(known => known.GrantSha256, sha256));
    }

    private async Task<Result<HandOut>?> NoteFailureAsync(ConnectionKey key, Guid owner, RefreshRequest request, Failure failure)
    {
        await using var context = db.For(key.Tenant);
        await using var transaction = await context.Database.BeginTransactionAsync();
        await RefreshBudget.CloseAsync(context, request.Attempt, failure.Code, CancellationToken.None);
        var row = await context.LockConnectionAsync(key.Id, CancellationToken.None);
        if (row is null || row.Version != request.Row.Version || row.LeaseOwner != owner)
        {
            // what was refused is not what is connected now
            await context.ReleaseLeaseAsync(key.Id, owner);
            await transaction.CommitAsync();
            return null;
        }

        var verdict = RefreshVerdict.Of(failure, request.Place.Provider, row);
        verdict.ApplyTo(row, clock.GetUtcNow());
        if (row.State is ConnectionState.Revoked)
        {
            row.Version++;
            row.AccessTokenSealed = null;
            row.AccessTokenSha256 = null;
        }

        row.LeaseOwner = null;
        row.LeaseUntil = null;
        await context.SaveChangesAsync();
        await alerts.NoteStateAsync(
            context, row.Id, row.Provider, row.State, row.StateReason, row.Features, row.ExtraScopes, row.GrantedScopes, CancellationToken.None);
        if (row.State is ConnectionState.Revoked)
        {
            await alerts.NoteRefreshTokenGoneAsync(context, CancellationToken.None);
            context.Audit(AuditEntry.Of(
                key.Tenant, clock.GetUtcNow(), $"provider:{row.Provider}", AuditActions.GrantRevoked, ConnectionIds.SubjectOf(key.Id),
                new { grant = row.GrantSha256[..8] }));
            await context.SaveChangesAsync();
        }

        await transaction.CommitAsync();
        if (row.State is ConnectionState.Revoked)
        {
            await cache.ForgetAsync(key, row.Version);
        }

        metrics.Refreshed(failure.Code);
        LogRefused(key.Id, failure.Code, verdict.Cooldown);
        return verdict.Answer;
    }

    private HandOut? HandOutOf(ConnectionRow row, ProviderSettings known) =>
        row is { State: not ConnectionState.Revoked, AccessTokenSealed: { } accessToken, AccessTokenExpiresAt: { } expiresAt }
            ? new HandOut(
                seals.Open(row.Place(ConnectionRow.AccessTokenField), accessToken),
                expiresAt,
                row.Version,
                known.ApiDomainOver(row.ApiDomain),
                row.DataCentre,
                providers[row.Provider].AuthorizationScheme,
                known.OrganizationIdsOver(row.OrganizationId),
                row.GrantedScopes,
                row.AccountIdOver(row.OrganizationId),
                row.AccountNameOver(row.OrganizationId))
            : null;

    // no longer than its provider's tokens may be asked to be
    private static TimeSpan ValidityOf(OAuthProvider provider, TimeSpan asked) =>
        asked < provider.Refreshes.MostValidity ? asked : provider.Refreshes.MostValidity;

    private static Failure? Refusal(ConnectionRow row, DateTimeOffset now) => row switch
    {
        { State: ConnectionState.Revoked } => new Failure(FailureKind.Precondition, row.StateCode, row.StateReason),
        { State: ConnectionState.Misconfigured, CooldownUntil: { } until } when until > now =>
            new Failure(FailureKind.Precondition, row.StateCode, row.StateReason),
        { CooldownUntil: { } until } when until > now => new Failure(
            row.CooldownKind,
            row.CooldownCode,
            row.CooldownReason)
        {
            RetryAfter = until - now,
        },
        _ => null,
    };

    /// <summary>What a refresh is made of; lives in memory for as long as one call.</summary>
    private sealed record RefreshRequest(
        ConnectionRow Row, ProviderPlace Place, ProviderSettings Settings, OAuthClient Client, string RefreshToken, RefreshAttempt Attempt)
    {
        public override string ToString() => $"refresh of {Row.Id}";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {ConnectionId}: refreshed, valid until {ExpiresAt:O}")]
    private partial void LogRefreshed(Guid connectionId, DateTimeOffset expiresAt);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Connection {ConnectionId}: refresh failed with {Code}, not asked again for {Cooldown}")]
    private partial void LogRefused(Guid connectionId, string code, TimeSpan cooldown);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: too many refreshes in ten minutes, no more are sent")]
    private partial void LogBudgetSpent(Guid connectionId);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Connection {ConnectionId}: half of the refreshes that the provider gives in ten minutes are used")]
    private partial void LogBudgetHalf(Guid connectionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the provider answered could not be written yet; trying again")]
    private partial void LogNotWritten(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {ConnectionId}: changed during its refresh, looking again")]
    private partial void LogOvertaken(Guid connectionId);
}
