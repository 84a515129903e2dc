using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Budget;

/// <summary>How much connections have used up of what Zoho allows, and what follows from it.</summary>
/// <param name="UsedTokens">Access tokens of the running ten minutes, by grant.</param>
/// <param name="KeptGrants">Refresh tokens that live at Zoho as far as this tenant knows, by holder; only holders with nearly twenty.</param>
internal sealed record ProviderUsage(
    IReadOnlyDictionary<string, int> UsedTokens, IReadOnlyDictionary<ProviderUsage.Holder, int> KeptGrants)
{
    private const int BudgetNearlySpent = 8;

    // Zoho keeps so many for a user and client, and for the next one lets the oldest go without a word ("Kaizen 43: OAuth 2.0 limits")
    private const int GrantsKeptByZoho = 20;
    private const int GrantsNearlySpent = 18;

    public static async Task<ProviderUsage> ReadAsync(
        TokensDbContext context, IReadOnlyCollection<ConnectionRow> rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var grants = rows.Where(row => row.Provider is Provider.Zoho).Select(row => row.GrantSha256).ToList();
        if (grants.Count == 0)
        {
            return new ProviderUsage(new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<Holder, int>());
        }

        // one that is replaced or deleted here counts until Zoho has heard of it, one that Zoho took back does not
        var holders = await context.Database.SqlQuery<HolderCount>(
            $"""
            SELECT client_id, provider_user_id AS user_id, owner, count(DISTINCT grant_sha256)::int AS grants
            FROM (
                SELECT client_id, provider_user_id, CASE provider_user_id WHEN '' THEN owner ELSE '' END AS owner, grant_sha256
                FROM connections WHERE provider = {(int)Provider.Zoho} AND state <> {(int)ConnectionState.Revoked}
                UNION ALL
                SELECT client_id, provider_user_id, CASE provider_user_id WHEN '' THEN owner ELSE '' END, grant_sha256
                FROM revocations WHERE provider = {(int)Provider.Zoho}) kept
            GROUP BY 1, 2, 3 HAVING count(DISTINCT grant_sha256) >= {GrantsNearlySpent}
            """).ToListAsync(cancellationToken);
        return new ProviderUsage(
            await RefreshBudget.UsedAsync(context, grants, now, cancellationToken),
            holders.ToDictionary(holder => new Holder(holder.ClientId, holder.UserId, holder.Owner), holder => holder.Grants));
    }

    /// <summary>Null where the provider has no such budget.</summary>
    public int? BudgetLeftOf(ConnectionRow row) =>
        row.Provider is Provider.Zoho ? Math.Max(0, RefreshBudget.ZohoTokens - UsedTokens.GetValueOrDefault(row.GrantSha256)) : null;

    public IEnumerable<ConnectionWarning> WarningsOf(ConnectionRow row)
    {
        var used = UsedTokens.GetValueOrDefault(row.GrantSha256);
        if (used >= RefreshBudget.Half)
        {
            yield return new ConnectionWarning
            {
                Code = used >= BudgetNearlySpent ? AlertCauses.BudgetNearlySpent : AlertCauses.BudgetHalf,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{used} of the {RefreshBudget.ZohoTokens} access tokens that Zoho gives this connection in ten minutes are used. One "
                        + $"lasts for an hour: look for whoever reports good tokens as rejected or uses the refresh token elsewhere."),
            };
        }

        if (row.State is not ConnectionState.Revoked && KeptGrants.TryGetValue(Holder.Of(row), out var kept))
        {
            var whose = row.ProviderUserId.Length > 0
                ? $"the Zoho user {row.ProviderUserId}"
                : $"the owner {row.Owner}, counted by its name because the connection may not read the user's profile,";
            yield return new ConnectionWarning
            {
                Code = AlertCauses.RefreshTokensNearlySpent,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kept} of the {GrantsKeptByZoho} refresh tokens that Zoho keeps for {whose} with this client are used, and for the "
                        + $"next beyond them Zoho deletes the oldest without a word. Delete connections that nobody needs, or connect with "
                        + $"another Zoho user or client."),
            };
        }
    }

    /// <summary>Who has the refresh tokens: the provider's user, or the owner as it is called here where that is not known.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Holder(string ClientId, string UserId, string Owner)
    {
        public static Holder Of(ConnectionRow row) => new(row.ClientId, row.ProviderUserId, row.ProviderUserId.Length > 0 ? "" : row.Owner);
    }

    private sealed record HolderCount(string ClientId, string UserId, string Owner, int Grants);
}
