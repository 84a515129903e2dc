using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Events;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.TokenService.Budget;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Health;

/// <summary>
/// Raises a cause once, however many replicas see it and however often, and ends it; raised again after that, it is another one. All in the
/// caller's transaction, so that an alert stands or falls with the change that it is about. Call it when that change has been saved.
/// </summary>
internal sealed class ConnectionAlerts(ProviderCatalogue providers, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>Raises it unless it is open, and has it told when it was not.</summary>
    /// <param name="context">With the change that the alert is about, saved.</param>
    /// <param name="connection">A connection of the context's tenant.</param>
    /// <param name="cause">One of <see cref="AlertCauses"/>.</param>
    /// <param name="message">What is wrong and what to do, in a sentence, without a secret: it leaves the platform.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    /// <param name="endsAt">When it ends unless it is raised again; null: when <see cref="ResolveAsync"/> says so.</param>
    public async Task RaiseAsync(
        TokensDbContext context,
        Guid connection,
        string cause,
        string message,
        CancellationToken cancellationToken,
        DateTimeOffset? endsAt = null)
    {
        var now = clock.GetUtcNow();
        await context.Alerts
            .Where(alert => alert.ConnectionId == connection && alert.Cause == cause && alert.ResolvedAt == null && alert.EndsAt <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(alert => alert.ResolvedAt, alert => alert.EndsAt), cancellationToken);
        var raised = await context.Database.SqlQuery<bool>(
            $"""
            INSERT INTO connection_alerts (tenant_id, id, connection_id, cause, message, raised_at, ends_at)
            VALUES ({context.Tenant.Value}, {Guid.CreateVersion7(now)}, {connection}, {cause}, {message}, {now}, {endsAt})
            ON CONFLICT (tenant_id, connection_id, cause) WHERE resolved_at IS NULL
                DO UPDATE SET message = EXCLUDED.message, ends_at = EXCLUDED.ends_at
            RETURNING xmax = 0
            """).ToListAsync(cancellationToken);
        if (raised is [true])
        {
            await context.Alerts.Where(alert => alert.ResolvedAt < now - Kept).ExecuteDeleteAsync(cancellationToken);
            await TellAsync(context, connection, cause, message, now, cancellationToken);
        }
    }

    /// <summary>Ends these causes of these connections, as far as they are open.</summary>
    public Task ResolveAsync(
        TokensDbContext context,
        IReadOnlyCollection<Guid> connections,
        IReadOnlyCollection<string> causes,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return context.Alerts
            .Where(alert => connections.Contains(alert.ConnectionId) && causes.Contains(alert.Cause) && alert.ResolvedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(alert => alert.ResolvedAt, now), cancellationToken);
    }

    /// <summary>Raises and ends what follows from a connection's state and scopes.</summary>
    public async Task NoteStateAsync(
        TokensDbContext context,
        Guid connection,
        string provider,
        ConnectionState state,
        string reason,
        IReadOnlyCollection<string> features,
        IReadOnlyCollection<string> extraScopes,
        IReadOnlyCollection<string> grantedScopes,
        CancellationToken cancellationToken)
    {
        var missing = providers[provider].MissingScopes(features, extraScopes, grantedScopes);
        var causes = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (state)
        {
            case ConnectionState.Revoked:
                causes[AlertCauses.GrantRevoked] = reason;
                break;
            case ConnectionState.Misconfigured:
                causes[AlertCauses.Misconfigured] = reason;
                break;
        }

        if (missing.Count > 0)
        {
            causes[AlertCauses.ScopesMissing] = ConnectionFailures.ScopesMissing(features, missing).Message;
        }

        string[] byState = [AlertCauses.GrantRevoked, AlertCauses.Misconfigured, AlertCauses.ScopesMissing];
        await ResolveAsync(context, [connection], [.. byState.Except(causes.Keys, StringComparer.Ordinal)], cancellationToken);
        foreach (var (cause, message) in causes)
        {
            await RaiseAsync(context, connection, cause, message, cancellationToken);
        }
    }

    /// <summary>Raises what follows from the tokens that the grant used in the window that ends now.</summary>
    public async Task NoteBudgetAsync(TokensDbContext context, ConnectionRow row, CancellationToken cancellationToken)
    {
        var provider = providers[row.Provider];
        if (!provider.Refreshes.IsDocumented)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var used = await RefreshBudget.UsedAsync(context, [row.GrantSha256], now, cancellationToken);
        var warnings = new ProviderUsage(used, new Dictionary<ProviderUsage.Holder, int>()).WarningsOf(provider, row).ToList();
        if (warnings.Count == 0)
        {
            await ResolveAsync(context, [row.Id], [AlertCauses.BudgetHalf, AlertCauses.BudgetNearlySpent], cancellationToken);
        }

        foreach (var warning in warnings)
        {
            // nobody asks when nobody needs a token: then the window's end is the end of it
            await RaiseAsync(context, row.Id, warning.Code, warning.Message, cancellationToken, now + RefreshBudget.Window);
        }
    }

    /// <summary>Raises or ends what follows from the refresh tokens that the provider keeps for the connection's user.</summary>
    public async Task NoteRefreshTokensAsync(
        TokensDbContext context, ConnectionRow row, ProviderUsage usage, CancellationToken cancellationToken)
    {
        if (usage.WarningsOf(providers[row.Provider], row).FirstOrDefault(warning => warning.Code == AlertCauses.RefreshTokensNearlySpent) is { } warning)
        {
            await RaiseAsync(context, row.Id, warning.Code, warning.Message, cancellationToken);
        }
        else
        {
            await ResolveAsync(context, [row.Id], [AlertCauses.RefreshTokensNearlySpent], cancellationToken);
        }
    }

    /// <summary>A refresh token left the count: ends the alerts of those that have enough again.</summary>
    public async Task NoteRefreshTokenGoneAsync(TokensDbContext context, CancellationToken cancellationToken)
    {
        var rows = await context.Connections.AsNoTracking()
            .Where(row => context.Alerts.Any(alert =>
                alert.ConnectionId == row.Id && alert.Cause == AlertCauses.RefreshTokensNearlySpent && alert.ResolvedAt == null))
            .ToListAsync(cancellationToken);
        var usage = await ProviderUsage.ReadAsync(context, providers, rows, clock.GetUtcNow(), cancellationToken);
        foreach (var row in rows)
        {
            await NoteRefreshTokensAsync(context, row, usage, cancellationToken);
        }
    }

    private static async Task TellAsync(
        TokensDbContext context, Guid connection, string cause, string message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var about = await context.Connections.AsNoTracking()
            .Where(row => row.Id == connection)
            .Select(row => new { row.Id, row.Provider, row.DataCentre, row.State, row.Features })
            .SingleAsync(cancellationToken);
        // without its owner: that may be a person's address, and this leaves the platform
        var data = new
        {
            connection = new
            {
                id = about.Id,
                provider = about.Provider,
                data_centre = about.DataCentre,
                state = NameOf(about.State),
                features = about.Features,
            },
            message,
        };
        await context.RaiseAsync(TypeOf(cause), $"connection:{connection}", data, now, cancellationToken);
    }

    private static EventType TypeOf(string cause) => cause switch
    {
        AlertCauses.GrantRevoked => EventCatalogue.ConnectionGrantRevoked,
        AlertCauses.Misconfigured => EventCatalogue.ConnectionMisconfigured,
        AlertCauses.ScopesMissing => EventCatalogue.ConnectionScopesMissing,
        AlertCauses.BudgetHalf => EventCatalogue.ConnectionBudgetHalf,
        AlertCauses.BudgetNearlySpent => EventCatalogue.ConnectionBudgetNearlySpent,
        AlertCauses.RefreshTokensNearlySpent => EventCatalogue.ConnectionRefreshTokensNearlySpent,
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "Nobody has said how this is told."),
    };

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
