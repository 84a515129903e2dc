using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Providers.Zoho;
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
    TenantDb<TokensDbContext> db, Seals seals, ConnectionAlerts alerts, TokenCache cache, TimeProvider clock)
{
    private const int LongestText = 200;

    public async Task<ProviderSettings> ReadAsync(TokensDbContext context, Provider provider, CancellationToken cancellationToken)
    {
        var row = await context.Settings.AsNoTracking().SingleOrDefaultAsync(row => row.Provider == provider, cancellationToken)
            ?? new SettingsRow { TenantId = context.Tenant, Provider = provider };
        var secrets = await context.ClientSecrets.AsNoTracking()
            .Where(secret => secret.Provider == provider)
            .ToListAsync(cancellationToken);
        return new ProviderSettings(row, secrets.ToDictionary(secret => secret.DataCentre, Open, StringComparer.Ordinal));
    }

    public async Task<ProviderSettings> ReadAsync(TenantId tenant, Provider provider, CancellationToken cancellationToken)
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
        if (Check(change) is { } problem)
        {
            return problem;
        }

        var (tenant, provider) = (caller.Tenant, change.Provider);
        await using var context = db.For(tenant);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO integration_settings (tenant_id, provider, client_id, region, crm_enabled, organization_id, api_domain)
            VALUES ({tenant.Value}, {(int)provider}, '', 'us', false, '', '') ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        var row = (await context.Settings
            .FromSql($"SELECT * FROM integration_settings WHERE provider = {(int)provider} FOR UPDATE")
            .ToListAsync(cancellationToken)).Single();
        var before = await ReadAsync(context, provider, cancellationToken);

        Apply(change, row);
        if (await ApplySecretsAsync(context, change, before, cancellationToken) is { } refused)
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
        await context.Connections.Where(connection => connection.Provider == provider).ExecuteUpdateAsync(
            set => set.SetProperty(connection => connection.Version, connection => connection.Version + 1), cancellationToken);
        await context.Connections.Where(connection => connection.Provider == provider && connection.State == ConnectionState.Misconfigured)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(connection => connection.State, ConnectionState.Active)
                    .SetProperty(connection => connection.StateCode, "")
                    .SetProperty(connection => connection.StateReason, "")
                    .SetProperty(connection => connection.CooldownUntil, (DateTimeOffset?)null),
                cancellationToken);
        var connections = await context.Connections.Where(connection => connection.Provider == provider)
            .Select(connection => new { connection.Id, connection.Version })
            .ToListAsync(cancellationToken);
        await alerts.ResolveAsync(
            context, [.. connections.Select(connection => connection.Id)], [AlertCauses.Misconfigured], cancellationToken);

        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), AuditActions.SettingsChanged, $"settings:{provider.Key}", changes));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        foreach (var connection in connections)
        {
            await cache.ForgetAsync(new ConnectionKey(tenant, connection.Id), connection.Version);
        }

        return after;
    }

    private static Failure? Check(UpdateSettingsRequest change)
    {
        if (change.Provider is not (Provider.Zoho or Provider.Hubspot))
        {
            return Failure.InvalidField("provider", "provider must be zoho or hubspot.");
        }

        if (change.HasClientId && !Token().IsMatch(change.ClientId))
        {
            return Failure.InvalidField("client_id", $"client_id must have at most {LongestText} characters and no spaces.");
        }

        if (change.HasRegion && DataCentres.Find(change.Region) is null)
        {
            return Failure.InvalidField(
                "region", $"region must be one of Zoho's data centres: {string.Join(", ", DataCentres.All.Select(dc => dc.Code))}.");
        }

        if (change.HasOrganizationId && !OrganizationId().IsMatch(change.OrganizationId))
        {
            return Failure.InvalidField(
                "organization_id", "organization_id must be the number that Zoho shows for the organisation, at most 30 digits.");
        }

        if (change.ClientSecrets.Keys.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Any(names => names.Count() > 1))
        {
            return Failure.InvalidField("client_secrets", "client_secrets names a data centre twice.");
        }

        return change.HasApiDomain && change.ApiDomain.Length > 0 && DataCentres.FindByApiDomain(change.ApiDomain) is null
            ? Failure.InvalidField(
                "api_domain", "api_domain must be the API domain of one of Zoho's data centres, such as https://www.zohoapis.eu.")
            : null;
    }

    private static void Apply(UpdateSettingsRequest change, SettingsRow row)
    {
        if (change.HasClientId)
        {
            row.ClientId = change.ClientId;
        }

        if (change.HasRegion)
        {
            row.Region = DataCentres.Find(change.Region)!.Code;
        }

        if (change.HasCrmEnabled)
        {
            row.CrmEnabled = change.CrmEnabled;
        }

        if (change.HasOrganizationId)
        {
            row.OrganizationId = change.OrganizationId;
        }

        if (change.HasApiDomain)
        {
            // stored as the table has it: api.zoho.eu is www.zohoapis.eu
            row.ApiDomain = DataCentres.FindByApiDomain(change.ApiDomain)?.ApiDomain ?? "";
        }
    }

    private async Task<Failure?> ApplySecretsAsync(
        TokensDbContext context, UpdateSettingsRequest change, ProviderSettings before, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in change.ClientSecrets)
        {
            var dataCentre = name.Length == 0 ? "" : DataCentres.Find(name)?.Code;
            if (dataCentre is null || (dataCentre.Length > 0 && change.Provider is not Provider.Zoho))
            {
                return Failure.InvalidField(
                    "client_secrets", "client_secrets must be keyed by one of Zoho's data centres, or by nothing for all of them.");
            }

            var known = before.Secrets.GetValueOrDefault(dataCentre);
            if (value.Length == 0)
            {
                await context.ClientSecrets
                    .Where(secret => secret.Provider == change.Provider && secret.DataCentre == dataCentre)
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
                    .Where(secret => secret.Provider == change.Provider && secret.DataCentre == dataCentre)
                    .ExecuteDeleteAsync(cancellationToken);
                context.ClientSecrets.Add(new ClientSecretRow
                {
                    TenantId = context.Tenant,
                    Provider = change.Provider,
                    DataCentre = dataCentre,
                    SecretSealed = seals.Seal(ClientSecretRow.PlaceOf(context.Tenant, change.Provider, dataCentre), value),
                });
            }
        }

        return null;
    }

    private static Dictionary<string, object> Changes(ProviderSettings before, ProviderSettings after)
    {
        var changes = new Dictionary<string, object>(StringComparer.Ordinal);
        Add("client_id", before.Row.ClientId, after.Row.ClientId);
        Add("region", before.Row.Region, after.Row.Region);
        Add("crm_enabled", before.Row.CrmEnabled, after.Row.CrmEnabled);
        Add("organization_id", before.Row.OrganizationId, after.Row.OrganizationId);
        Add("api_domain", before.Row.ApiDomain, after.Row.ApiDomain);
        foreach (var dataCentre in before.Secrets.Keys.Union(after.Secrets.Keys, StringComparer.Ordinal))
        {
            Add($"client_secrets.{dataCentre}", FingerprintOf(before, dataCentre), FingerprintOf(after, dataCentre));
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

    private static string FingerprintOf(ProviderSettings settings, string dataCentre) =>
        settings.Secrets.TryGetValue(dataCentre, out var secret) ? Secret.Fingerprint(secret) : "";

    private string Open(ClientSecretRow row) => seals.Open(ClientSecretRow.PlaceOf(row.TenantId, row.Provider, row.DataCentre), row.SecretSealed);

    [GeneratedRegex(@"^[\x21-\x7E]{0,200}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();

    [GeneratedRegex("^[0-9]{0,30}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OrganizationId();
}
