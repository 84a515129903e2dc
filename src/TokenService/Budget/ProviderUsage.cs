using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Budget;

/// <summary>How much connections have used up of what their providers allow, and what follows from it.</summary>
/// <param name="UsedTokens">Access tokens of the running ten minutes, by grant.</param>
/// <param name="KeptGrants">
/// Refresh tokens that live at the provider as far as this tenant knows, by holder; only holders with nearly as many as the provider keeps.
/// </param>
internal sealed record ProviderUsage(
    IReadOnlyDictionary<string, int> UsedTokens, IReadOnlyDictionary<ProviderUsage.Holder, int> KeptGrants)
{
    private const int WarnedBefore = 2;

    public static async Task<ProviderUsage> ReadAsync(
        TokensDbContext context, ProviderCatalogue providers, IReadOnlyCollection<ConnectionRow> rows, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var (grants, holders) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<Holder, int>());
        foreach (var ofProvider in rows.GroupBy(row => row.Provider, StringComparer.Ordinal))
        {
            var rules = providers[ofProvider.Key].Refreshes;
            if (rules.IsDocumented)
            {
                var used = await RefreshBudget.UsedAsync(context, [.. ofProvider.Select(row => row.GrantSha256)], now, cancellationToken);
                foreach (var (grant, tokens) in used)
                {
                    grants[grant] = tokens;
                }
            }

            if (rules.GrantsKept is { } kept)
            {
                foreach (var holder in await HoldersAsync(context, ofProvider.Key, kept - WarnedBefore, cancellationToken))
                {
                    holders[new Holder(ofProvider.Key, holder.ClientId, holder.UserId, holder.Owner)] = holder.Grants;
                }
            }
        }

        return new ProviderUsage(grants, holders);
    }

    /// <summary>Null where the provider has no such budget.</summary>
    public int? BudgetLeftOf(OAuthProvider provider, ConnectionRow row) =>
        provider.Refreshes.Budget is { } budget ? Math.Max(0, budget - UsedTokens.GetValueOrDefault(row.GrantSha256)) : null;

    public IEnumerable<ConnectionWarning> WarningsOf(OAuthProvider provider, ConnectionRow row)
    {
        var (rules, title) = (provider.Refreshes, provider.Title);
        var used = UsedTokens.GetValueOrDefault(row.GrantSha256);
        if (rules.Budget is { } budget && used >= rules.BudgetHalf)
        {
            yield return new ConnectionWarning
            {
                Code = used >= rules.BudgetNearlySpent ? AlertCauses.BudgetNearlySpent : AlertCauses.BudgetHalf,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{used} of the {budget} access tokens that {title} gives this connection in ten minutes are used. One "
                        + $"lasts for an hour: look for whoever reports good tokens as rejected or uses the refresh token elsewhere."),
            };
        }

        if (row.State is not ConnectionState.Revoked && KeptGrants.TryGetValue(Holder.Of(row), out var kept))
        {
            var whose = row.ProviderUserId.Length > 0
                ? $"the {title} user {row.ProviderUserId}"
                : $"the owner {row.Owner}, counted by its name because the connection may not read the user's profile,";
            yield return new ConnectionWarning
            {
                Code = AlertCauses.RefreshTokensNearlySpent,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kept} of the {rules.GrantsKept} refresh tokens that {title} keeps for {whose} with this client are used, and for the "
                        + $"next beyond them {title} deletes the oldest without a word. Delete connections that nobody needs, or connect with "
                        + $"another {title} user or client."),
            };
        }
    }

    // one that is replaced or deleted here counts until the provider has heard of it, one that the provider took back does not
    private static Task<List<HolderCount>> HoldersAsync(
        TokensDbContext context, string provider, int atLeast, CancellationToken cancellationToken) =>
        context.Database.SqlQuery<HolderCount>(
            $"""
            SELECT client_id, provider_user_id AS user_id, owner, count(DISTINCT grant_sha256)::int AS grants
            FROM (
                SELECT client_id, provider_user_id, CASE provider_user_id WHEN '' THEN owner ELSE '' END AS owner, grant_sha256
                FROM connections WHERE provider = {provider} AND state <> {(int)ConnectionState.Revoked}
                UNION ALL
                SELECT client_id, provider_user_id, CASE provider_user_id WHEN '' THEN owner ELSE '' END, grant_sha256
                FROM revocations WHERE provider = {provider}) kept
            GROUP BY 1, 2, 3 HAVING count(DISTINCT grant_sha256) >= {atLeast}
            """).ToListAsync(cancellationToken);

    /// <summary>Who has the refresh tokens: the provider's user, or the owner as it is called here where that is not known.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Holder(string Provider, string ClientId, string UserId, string Owner)
    {
        public static Holder Of(ConnectionRow row) =>
            new(row.Provider, row.ClientId, row.ProviderUserId, row.ProviderUserId.Length > 0 ? "" : row.Owner);
    }

    private sealed record HolderCount(string ClientId, string UserId, string Owner, int Grants);
}
