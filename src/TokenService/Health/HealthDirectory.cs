using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Health;

/// <summary>Says how connections fare, from what is stored: nobody is asked, and no secret is opened.</summary>
internal sealed class HealthDirectory(TenantDb<TokensDbContext> db, ProviderCatalogue providers, TimeProvider clock)
{
    /// <summary>Oldest first; those that <paramref name="only"/> names, or all.</summary>
    public async Task<IReadOnlyList<Wire.Health>> ReadAsync(Caller caller, Guid? only, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = db.For(caller);
        var rows = await context.Connections
            .Where(row => only == null || row.Id == only)
            .OrderBy(row => row.Id)
            .Select(row => new Row(
                row.Id, row.Provider, row.Owner, row.State, row.StateCode, row.StateReason, row.Features, row.ExtraScopes, row.GrantedScopes,
                row.GrantSha256, row.AccountName != "" ? row.AccountName : row.OrganizationId,
                row.AccessTokenExpiresAt, row.LastRefreshedAt, row.CooldownUntil, row.CooldownCode, row.CooldownReason))
            .ToListAsync(cancellationToken);
        var used = await RefreshBudget.UsedAsync(context, [.. rows.Select(row => row.GrantSha256)], now, cancellationToken);
        var alerts = (await context.Alerts
            .Where(alert => alert.ResolvedAt == null && (alert.EndsAt == null || alert.EndsAt > now))
            .Where(alert => only == null || alert.ConnectionId == only)
            .OrderBy(alert => alert.Id)
            .ToListAsync(cancellationToken))
            .ToLookup(alert => alert.ConnectionId);
        var served = (await context.FeatureConnections.ToListAsync(cancellationToken)).ToLookup(chosen => chosen.ConnectionId, chosen => chosen.Feature);
        return [.. rows.Select(row => HealthOf(row, used.GetValueOrDefault(row.GrantSha256), alerts[row.Id], served[row.Id], now))];
    }

    private Wire.Health HealthOf(Row row, int used, IEnumerable<AlertRow> alerts, IEnumerable<string> served, DateTimeOffset now)
    {
        var provider = providers[row.Provider];
        var missing = provider.MissingScopes(row.Features, row.ExtraScopes, row.GrantedScopes);
        var coolsDown = row.CooldownUntil > now;
        var (code, reason) = row.State is not ConnectionState.Active ? (row.StateCode, row.StateReason)
            : coolsDown ? (row.CooldownCode, row.CooldownReason)
            : missing.Count > 0 && ConnectionFailures.ScopesMissing(row.Features, missing) is { } lacks ? (lacks.Code, lacks.Message)
            : ("", "");
        return new Wire.Health
        {
            ConnectionId = row.Id.ToString(),
            Provider = row.Provider,
            Owner = row.Owner,
            AccountName = row.AccountName,
            Serves = { provider.InOrder(served).Select(feature => feature.Name) },
            State = row.State,
            Code = code,
            Reason = reason,
            MissingScopes = { missing },
            BudgetLimit = provider.Refreshes.Budget ?? 0,
            BudgetUsed = provider.Refreshes.IsDocumented ? used : 0,
            TokenExpiresAt = row.AccessTokenExpiresAt?.ToTimestamp(),
            LastRefreshedAt = row.LastRefreshedAt?.ToTimestamp(),
            CooldownEndsAt = coolsDown ? row.CooldownUntil!.Value.ToTimestamp() : null,
            Alerts =
            {
                alerts.Select(alert => new ConnectionAlert
                {
                    Cause = alert.Cause,
                    Message = alert.Message,
                    RaisedAt = alert.RaisedAt.ToTimestamp(),
                    NeedsPerson = AlertCauses.NeedsPerson(alert.Cause),
                }),
            },
        };
    }

    private sealed record Row(
        Guid Id,
        string Provider,
        string Owner,
        ConnectionState State,
        string StateCode,
        string StateReason,
        List<string> Features,
        List<string> ExtraScopes,
        List<string> GrantedScopes,
        string GrantSha256,
        string AccountName,
        DateTimeOffset? AccessTokenExpiresAt,
        DateTimeOffset? LastRefreshedAt,
        DateTimeOffset? CooldownUntil,
        string CooldownCode,
        string CooldownReason);
}
