using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.OAuth;
using ZohoPlatform.Sealing;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Cache;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Data;
using ZohoPlatform.TokenService.Health;

namespace ZohoPlatform.TokenService.Settings;

/// <summary>Keeps the tenants' OAuth clients.</summary>
internal sealed partial class SettingsStore(
    TenantDb<TokensDbContext> db, ProviderCatalogue providers, Seals seals, ConnectionAlerts alerts, TokenCache cache, TimeProvider clock)
{
    private const int LongestText = 200;

    public async Task<ProviderSettings> ReadAsync(TokensDbContext context, OAuthProvider provider, CancellationToken cancellationToken)
    {
        var row = await context.Settings.AsNoTracking().SingleOrDefaultAsync(row => row.Provider == provider.Name, cancellationToken)
            ?? new SettingsRow { TenantId = context.Tenant, Provider = provider.Name };
        var secrets = await context.ClientSecrets.AsNoTracking()
            .Where(secret => secret.Provider == provider.Name)
            .ToListAsync(cancellationToken);
        return new ProviderSettings(
            provider,
            row,
            secrets.ToDictionary(secret => secret.DataCentre, secret => new Lazy<string>(() => Open(secret)), StringComparer.Ordinal),
            await ReadChoicesAsync(context, provider, cancellationToken));
    }

    public async Task<ProviderSettings> ReadAsync(TenantId tenant, OAuthProvider provider, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await ReadAsync(context, provider, cancellationToken);
    }

    /// <summary>
    /// Changes what <paramref name="change"/> sets. Connections that waited for the settings to be mended are tried again.
    /// </summary>
    public async Task<Result<ProviderSettings>> UpdateAsync(
        Caller caller, UpdateSettingsRequest change, CancellationToken cancellationToken)
    {
        if (!providers.Find(change.Provider).Succeeded(out var provider, out var unknown))
        {
            return unknown;
        }

        if (Check(provider, change) is { } problem)
        {
            return problem;
        }

        var (tenant, name) = (caller.Tenant, provider.Name);
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO integration_settings (tenant_id, provider, client_id, region, enabled, crm_enabled, organization_id, api_domain)
            VALUES ({tenant.Value}, {name}, '', '', true, false, '', '') ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        var row = (await context.Settings
            .FromSql($"SELECT * FROM integration_settings WHERE provider = {name} FOR UPDATE")
            .ToListAsync(cancellationToken)).Single();
        var before = await ReadAsync(context, provider, cancellationToken);

        Apply(provider, change, row, clock.GetUtcNow());
        if ((await ApplySecretsAsync(context, provider, change, before, cancellationToken)
            ?? await ApplyChoicesAsync(context, provider, change, cancellationToken)) is { } refused)
        {
            return refused;
        }

        await context.SaveChangesAsync(cancellationToken);
        var after = await ReadAsync(context, provider, cancellationToken);
        var changes = Changes(before, after);
        if (changes.Count == 0)
        {
            return after;
        }

        // what was cached carries the old organisation and API domain; what failed for the old client is tried with the new one
        await context.Connections.Where(connection => connection.Provider == name).ExecuteUpdateAsync(
            set => set.SetProperty(connection => connection.Version, connection => connection.Version + 1), cancellationToken);
        await context.Connections.Where(connection => connection.Provider == name && connection.State == ConnectionState.Misconfigured)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(connection => connection.State, ConnectionState.Active)
                    .SetProperty(connection => connection.StateCode, "")
                    .SetProperty(connection => connection.StateReason, "")
                    .SetProperty(connection => connection.CooldownUntil, (DateTimeOffset?)null),
                cancellationToken);
        var connections = await context.Connections.Where(connection => connection.Provider == name)
            .Select(connection => new { connection.Id, connection.Version })
            .ToListAsync(cancellationToken);
        await alerts.ResolveAsync(
            context, [.. connections.Select(connection => connection.Id)], [AlertCauses.Misconfigured], cancellationToken);

        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.SettingsChanged, $"settings:{name}", changes));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        foreach (var connection in connections)
        {
            await cache.ForgetAsync(new ConnectionKey(tenant, connection.Id), connection.Version);
        }

        return after;
    }

    private static async Task<IReadOnlyDictionary<string, Guid>> ReadChoicesAsync(
        TokensDbContext context, OAuthProvider provider, CancellationToken cancellationToken)
    {
        var features = provider.Features.Select(feature => feature.Name).ToList();
        return await context.FeatureConnections.AsNoTracking()
            .Where(chosen => features.Contains(chosen.Feature))
            .ToDictionaryAsync(chosen => chosen.Feature, chosen => chosen.ConnectionId, StringComparer.Ordinal, cancellationToken);
    }

    private static Failure? Check(OAuthProvider provider, UpdateSettingsRequest change)
    {
        if (change.HasClientId && !Token().IsMatch(change.ClientId))
        {
            return Failure.InvalidField("client_id", $"client_id must have at most {LongestText} characters and no spaces.");
        }

        if (change.HasRegion && (provider.HasDataCentres ? provider.FindPlace(change.Region) is null : change.Region.Length > 0))
        {
            return Failure.InvalidField(
                "region",
                provider.HasDataCentres
                    ? $"region must be one of {provider.Title}'s data centres: {string.Join(", ", provider.Places.Select(place => place.Code))}."
                    : $"region must be empty for {provider.Title}, which has no data centres to choose.");
        }

        if (change.HasOrganizationId && !OrganizationId().IsMatch(change.OrganizationId))
        {
            return Failure.InvalidField(
                "organization_id",
                $"organization_id must be the number that {provider.Title} shows for the organisation, at most 30 digits.");
        }

        if (change.ClientSecrets.Keys.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Any(names => names.Count() > 1))
        {
            return Failure.InvalidField("client_secrets", "client_secrets names a data centre twice.");
        }

        if (change.FeatureConnections.Keys.FirstOrDefault(feature => provider.FindFeature(feature) is null) is { } unknown)
        {
            return Failure.InvalidField("feature_connections", $"feature_connections must be keyed by features of {provider.Title}, not {unknown}.");
        }

        return change.HasApiDomain && change.ApiDomain.Length > 0 && provider.FindApiDomain(change.ApiDomain) is null
            ? Failure.InvalidField(
                "api_domain", $"api_domain must be an API domain of {provider.Title}'s own, such as {provider.Places[^1].ApiDomain}.")
            : null;
    }

    private static void Apply(OAuthProvider provider, UpdateSettingsRequest change, SettingsRow row, DateTimeOffset now)
    {
        if (change.HasClientId)
        {
            row.ClientId = change.ClientId;
        }

        if (change.HasRegion)
        {
            row.Region = provider.PlaceOf(change.Region).Code;
        }

        if (change.HasEnabled)
        {
            row.Enabled = change.Enabled;
        }

        if (change.HasCrmEnabled && change.CrmEnabled != row.CrmEnabled)
        {
            row.CrmEnabled = change.CrmEnabled;
            row.CrmEnabledAt = change.CrmEnabled ? now : row.CrmEnabledAt;
        }

        if (change.HasOrganizationId)
        {
            row.OrganizationId = change.OrganizationId;
        }

        if (change.HasApiDomain)
        {
            // stored as the provider's table has it
            row.ApiDomain = provider.FindApiDomain(change.ApiDomain) ?? "";
        }
    }

    private async Task<Failure?> ApplySecretsAsync(
        TokensDbContext context,
        OAuthProvider provider,
        UpdateSettingsRequest change,
        ProviderSettings before,
        CancellationToken cancellationToken)
    {
        foreach (var (name, value) in change.ClientSecrets)
        {
            var dataCentre = name.Length == 0 ? "" : provider.HasDataCentres ? provider.FindPlace(name)?.Code : null;
            if (dataCentre is null)
            {
                return Failure.InvalidField(
                    "client_secrets", $"client_secrets must be keyed by one of {provider.Title}'s data centres, or by nothing for all of them.");
            }

            var known = before.Secrets.GetValueOrDefault(dataCentre)?.Value;
            if (value.Length == 0)
            {
                await context.ClientSecrets
                    .Where(secret => secret.Provider == provider.Name && secret.DataCentre == dataCentre)
                    .ExecuteDeleteAsync(cancellationToken);
            }
            else if (Secret.LooksMasked(value))
            {
                if (known is null || Secret.Mask(known) != value)
                {
                    return Failure.InvalidField(
                        "client_secrets",
                        "A masked client secret was sent where no such secret is stored: send the secret itself.");
                }
            }
            else if (!Token().IsMatch(value))
            {
                return Failure.InvalidField("client_secrets", $"A client secret must have at most {LongestText} characters and no spaces.");
            }
            else if (value != known)
            {
                await context.ClientSecrets
                    .Where(secret => secret.Provider == provider.Name && secret.DataCentre == dataCentre)
                    .ExecuteDeleteAsync(cancellationToken);
                context.ClientSecrets.Add(new ClientSecretRow
                {
                    TenantId = context.Tenant,
                    Provider = provider.Name,
                    DataCentre = dataCentre,
                    SecretSealed = seals.Seal(ClientSecretRow.PlaceOf(context.Tenant, provider.Name, dataCentre), value),
                });
            }
        }

        return null;
    }

    private static async Task<Failure?> ApplyChoicesAsync(
        TokensDbContext context, OAuthProvider provider, UpdateSettingsRequest change, CancellationToken cancellationToken)
    {
        foreach (var (feature, id) in change.FeatureConnections)
        {
            if (id.Length > 0
                && !(Guid.TryParseExact(id, "D", out var chosen)
                    && await context.Connections.AnyAsync(row => row.Id == chosen && row.Features.Contains(feature), cancellationToken)))
            {
                return Failure.InvalidField(
                    "feature_connections", $"feature_connections must name a connection of {provider.Title} that has the feature {feature}.");
            }

            await context.FeatureConnections.Where(row => row.Feature == feature).ExecuteDeleteAsync(cancellationToken);
            if (id.Length > 0)
            {
                context.FeatureConnections.Add(new FeatureConnectionRow
                {
                    TenantId = context.Tenant,
                    Feature = feature,
                    ConnectionId = Guid.ParseExact(id, "D"),
                });
            }
        }

        return null;
    }

    private static Dictionary<string, object> Changes(ProviderSettings before, ProviderSettings after)
    {
        var changes = new Dictionary<string, object>(StringComparer.Ordinal);
        Add("client_id", before.Row.ClientId, after.Row.ClientId);
        Add("region", before.Region, after.Region);
        Add("enabled", before.Row.Enabled, after.Row.Enabled);
        Add("crm_enabled", before.Row.CrmEnabled, after.Row.CrmEnabled);
        Add("organization_id", before.Row.OrganizationId, after.Row.OrganizationId);
        Add("api_domain", before.Row.ApiDomain, after.Row.ApiDomain);
        foreach (var dataCentre in before.Secrets.Keys.Union(after.Secrets.Keys, StringComparer.Ordinal))
        {
            Add($"client_secrets.{dataCentre}", FingerprintOf(before, dataCentre), FingerprintOf(after, dataCentre));
        }

        foreach (var feature in before.FeatureConnections.Keys.Union(after.FeatureConnections.Keys, StringComparer.Ordinal))
        {
            Add($"feature_connections.{feature}", ChoiceOf(before, feature), ChoiceOf(after, feature));
        }

        return changes;

        void Add(string field, object was, object @is)
        {
            if (!was.Equals(@is))
            {
                changes[field] = new { before = was, after = @is };
            }
        }
    }

    private static string ChoiceOf(ProviderSettings settings, string feature) =>
        settings.FeatureConnections.TryGetValue(feature, out var connection) ? connection.ToString() : "";

    private static string FingerprintOf(ProviderSettings settings, string dataCentre) =>
        settings.Secrets.TryGetValue(dataCentre, out var secret) ? Secret.Fingerprint(secret.Value) : "";

    private string Open(ClientSecretRow row) => seals.Open(ClientSecretRow.PlaceOf(row.TenantId, row.Provider, row.DataCentre), row.SecretSealed);

    [GeneratedRegex(@"^[\x21-\x7E]{0,200}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();

    [GeneratedRegex(@"^[0-9]{0,30}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OrganizationId();
}
