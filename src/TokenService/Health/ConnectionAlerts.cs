using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.TokenService.AccessTokens;
using ZohoPlatform.TokenService.Authorization;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Webhooks;

namespace ZohoPlatform.TokenService.Health;

/// <summary>
/// Raises a cause once, however many replicas see it and however often, and ends it; raised again after that, it is another one. All in the
/// caller's transaction, so that an alert stands or falls with the change that it is about. Call it when that change has been saved.
/// </summary>
internal sealed class ConnectionAlerts(TimeProvider clock)
{
    private const int HalfOfBudget = RefreshBudget.Tokens / 2;
    private const int MostOfBudget = RefreshBudget.Tokens * 8 / 10;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>Raises it unless it is open, and tells the webhooks when it was not.</summary>
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
            await WebhookEvents.AddAsync(context, connection, cause, message, now, cancellationToken);
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
        ConnectionState state,
        string reason,
        IReadOnlyCollection<Feature> features,
        IReadOnlyCollection<string> grantedScopes,
        CancellationToken cancellationToken)
    {
        var missing = Scopes.Missing(features, grantedScopes);
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
            causes[AlertCauses.ScopesMissing] = ConnectionFailures.ScopesMissing(missing).Message;
        }

        string[] byState = [AlertCauses.GrantRevoked, AlertCauses.Misconfigured, AlertCauses.ScopesMissing];
        await ResolveAsync(context, [connection], [.. byState.Except(causes.Keys, StringComparer.Ordinal)], cancellationToken);
        foreach (var (cause, message) in causes)
        {
            await RaiseAsync(context, connection, cause, message, cancellationToken);
        }
    }

    /// <summary>Looks at how many of the grant's tokens are used in the window that ends now.</summary>
    public async Task NoteBudgetAsync(TokensDbContext context, Guid connection, string grantSha256, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var since = now - RefreshBudget.Window;
        var used = await context.RefreshAttempts.CountAsync(
            attempt => attempt.GrantSha256 == grantSha256 && attempt.StartedAt > since, cancellationToken);
        if (used < HalfOfBudget)
        {
            await ResolveAsync(context, [connection], [AlertCauses.BudgetHalf, AlertCauses.BudgetNearlySpent], cancellationToken);
            return;
        }

        // nobody asks when nobody needs a token: then the window's end is the end of it
        var message = $"{used} of the {RefreshBudget.Tokens} tokens that Zoho gives this connection in ten minutes are used: find out what asks "
            + "for new ones so often. When all are used, nobody gets one until the window ends.";
        await RaiseAsync(context, connection, AlertCauses.BudgetHalf, message, cancellationToken, now + RefreshBudget.Window);
        if (used >= MostOfBudget)
        {
            await RaiseAsync(context, connection, AlertCauses.BudgetNearlySpent, message, cancellationToken, now + RefreshBudget.Window);
        }
    }
}
