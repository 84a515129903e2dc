using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Data;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>One grant of a provider: what it is for, how it is, and its tokens, sealed.</summary>
internal sealed class ConnectionRow
{
    /// <summary>Names of the sealed fields.</summary>
    public const string RefreshTokenField = "refresh_token";
    public const string AccessTokenField = "access_token";

    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    public required string Provider { get; init; }

    public required string Owner { get; init; }

    public required string DataCentre { get; init; }

    /// <summary>What the provider's last answer named, as the provider's table has it.</summary>
    public required string ApiDomain { get; set; }

    /// <summary>The organisation that the grant itself names, as a portal; empty where it names none.</summary>
    public string OrganizationId { get; set; } = "";

    /// <summary>The client that the grant belongs to; no other can refresh it.</summary>
    public required string ClientId { get; set; }

    /// <summary>The provider's id of the person who gave the grant; empty where it did not say.</summary>
    public string ProviderUserId { get; set; } = "";

    /// <summary>The same for people; empty where it did not say.</summary>
    public string AccountName { get; set; } = "";

    public required List<string> Features { get; set; }

    /// <summary>Asked for beside those of the features.</summary>
    public List<string> ExtraScopes { get; set; } = [];

    /// <summary>Empty where the provider did not say.</summary>
    public required List<string> GrantedScopes { get; set; }

    /// <summary>The grant was not given for this connection: whoever brought it along may use it too, so that it is not ours to revoke.</summary>
    public bool IsBroughtAlong { get; set; }

    public required ConnectionState State { get; set; }

    public string StateCode { get; set; } = "";

    public string StateReason { get; set; } = "";

    public required byte[] RefreshTokenSealed { get; set; }

    /// <summary>SHA-256 of the refresh token: counts its refreshes and tells a replaced grant.</summary>
    public required string GrantSha256 { get; set; }

    public byte[]? AccessTokenSealed { get; set; }

    public string? AccessTokenSha256 { get; set; }

    public DateTimeOffset? AccessTokenExpiresAt { get; set; }

    /// <summary>Grows with everything that makes a cached token old: a new token, a new grant, new settings.</summary>
    public required long Version { get; set; }

    /// <summary>Who refreshes at this moment; by the database's clock.</summary>
    public Guid? LeaseOwner { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Refreshes that failed since the last that did not.</summary>
    public int Failures { get; set; }

    /// <summary>Until then the provider is not asked again; what it last said is answered instead.</summary>
    public DateTimeOffset? CooldownUntil { get; set; }

    public string CooldownCode { get; set; } = "";

    public string CooldownReason { get; set; } = "";

    /// <summary>What a caller is told meanwhile.</summary>
    public FailureKind CooldownKind { get; set; } = FailureKind.Unavailable;

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastRefreshedAt { get; set; }

    public static SealedColumn RefreshTokens { get; } = new("connections", "refresh_token_sealed", "id::text", RefreshTokenField);

    public static SealedColumn AccessTokens { get; } = new("connections", "access_token_sealed", "id::text", AccessTokenField);

    /// <summary>
    /// By whom the provider counts calls, as far as it is known: the organisation that the grant names, or else the person who gave it, whose
    /// grants are certain to be one account's.
    /// </summary>
    public string AccountIdOver(string organization) => organization.Length > 0 ? organization : ProviderUserId;

    /// <summary>The same for people.</summary>
    public string AccountNameOver(string organization) => AccountName.Length > 0 ? AccountName : organization;

    public SecretPlace Place(string field) => new(TenantId, Id.ToString(), field);
}

internal static class ConnectionQueries
{
    extension(TokensDbContext context)
    {
        /// <summary>The row, locked until the transaction ends; null where this tenant has none of that id.</summary>
        public async Task<ConnectionRow?> LockConnectionAsync(Guid id, CancellationToken cancellationToken) =>
            (await context.Connections.FromSql($"SELECT * FROM connections WHERE id = {id} FOR UPDATE")
                .ToListAsync(cancellationToken))
                .SingleOrDefault();

        /// <summary>Gives back the lease that decides, if <paramref name="owner"/> still has it.</summary>
        public Task<int> ReleaseLeaseAsync(Guid id, Guid owner) =>
            context.Connections.Where(row => row.Id == id && row.LeaseOwner == owner).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.LeaseOwner, (Guid?)null)
                .SetProperty(row => row.LeaseUntil, (DateTimeOffset?)null));
    }
}
