using System.Net;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>What the doctor looks at, from here to Zoho. Without a gateway or a key nothing further can be looked at.</summary>
internal static class Checks
{
    private const string Campaigns = "campaigns";
    private const string CampaignsList = "campaigns_list";
    private const string Crm = "crm";
    private const string Messaging = "messaging";

    /// <param name="client">The gateway.</param>
    /// <param name="otherKey">What to do about a key that the gateway does not take.</param>
    /// <param name="verbose">A finding for each method's quota, and not one for all.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<List<Finding>> AllAsync(
        PlatformClient client, string otherKey, bool verbose, CancellationToken cancellationToken)
    {
        var (findings, known) = await IdentityAsync(client, otherKey, cancellationToken);
        if (!known)
        {
            return findings;
        }

        ZohoSettings? settings = null;
        findings.AddRange(await LookAsync(
            "client", new Fixes(null), async () => OfClient(settings = await client.Settings.GetZohoAsync(cancellationToken))));
        var fixes = new Fixes(settings);
        SettingsTest? trial = null;
        findings.AddRange(await LookAsync("connection", fixes, async () =>
        {
            (var found, trial) = await ConnectionsAsync(client, fixes, cancellationToken);
            return found;
        }));
        // nobody misses the quota of what nobody uses
        if (trial is null || trial.Checks.Any(check => check.Name == CampaignsList))
        {
            findings.AddRange(await LookAsync("quota", fixes, () => QuotaAsync(client, verbose, cancellationToken)));
        }

        return Causes.Fold(findings);
    }

    private static async Task<(List<Finding> Findings, bool Known)> IdentityAsync(
        PlatformClient client, string otherKey, CancellationToken cancellationToken)
    {
        try
        {
            var who = await client.WhoAmIAsync(cancellationToken);
            return (
                [
                    new("gateway", Verdict.Ok, "It answers."),
                    new("key", Verdict.Ok, $"Key {who.KeyId} of tenant {who.Tenant}, role {ApiName.Of(who.Role)}."),
                ],
                true);
        }
        catch (PlatformException e) when (e.Status is HttpStatusCode.Unauthorized)
        {
            return ([new("gateway", Verdict.Ok, "It answers."), new("key", Verdict.Failed, e.Message, otherKey)], false);
        }
        catch (PlatformException e)
        {
            var gateway = Of("gateway", new Fixes(null), e);
            return (
                [gateway with { Fix = gateway.Fix ?? "Start it with ./run.sh, or name another one: zoho login --url https://..." }], false);
        }
    }

    private static List<Finding> OfClient(ZohoSettings settings)
    {
        var (code, message) = settings switch
        {
            { ClientId: null } => ("client_not_configured", "No Zoho OAuth client is set."),
            { ClientSecret: null, ClientSecrets: null or { Count: 0 } } => ("client_secret_missing", "The Zoho OAuth client has no secret."),
            _ => (null, $"Zoho OAuth client registered in {settings.Region ?? "no data centre that was said"}."),
        };
        var status = code is null ? Verdict.Ok : Verdict.Failed;
        return [new("client", status, message, new Fixes(settings).Of(code, null)) { Code = code }];
    }

    private static async Task<(List<Finding> Findings, SettingsTest? Trial)> ConnectionsAsync(
        PlatformClient client, Fixes fixes, CancellationToken cancellationToken)
    {
        // first: what it finds mended at the provider is not told as broken any more
        SettingsTest? trial = null;
        var refused = await LookAsync("zoho", fixes, async () =>
        {
            trial = await client.Settings.TestZohoAsync(cancellationToken);
            return [];
        });
        var connections = await client.Connections.ListAsync(cancellationToken: cancellationToken);
        var health = (await client.Connections.ListHealthAsync(cancellationToken)).ToDictionary(one => one.ConnectionId, StringComparer.Ordinal);
        var findings = connections
            .SelectMany(connection => OfConnection(connection, health.GetValueOrDefault(connection.Id)?.Code, fixes))
            .ToList();
        return ([.. findings, .. refused, .. trial?.Checks.SelectMany(check => OfCheck(check, connections, fixes)) ?? []], trial);
    }

    private static IEnumerable<Finding> OfConnection(Connection connection, string? code, Fixes fixes)
    {
        var provider = connection.Provider;
        var whose = connection.Account is { } account ? $", account {account}" : "";
        var use = connection.Serves.Count > 0 ? $"used for {string.Join(", ", connection.Serves)}" : "not used";
        var what = $"{provider} of {connection.Owner}{whose} ({connection.Id}), {use}";
        if (connection.State is ConnectionState.Active)
        {
            yield return new("connection", Verdict.Ok, $"{what}: active.") { ConnectionId = connection.Id };
        }
        else
        {
            yield return new(
                "connection",
                // what nobody uses stands in nobody's way
                connection.Serves.Count > 0 ? Verdict.Failed : Verdict.Warning,
                $"{what}: {ApiName.Of(connection.State)}. {connection.StateReason}",
                fixes.Of(code, connection) ?? fixes.Again(connection))
            {
                Code = code,
                ConnectionId = connection.Id,
            };
        }

        if (connection.DataCentre is not null)
        {
            yield return new(
                "data centre",
                Verdict.Ok,
                $"{connection.DataCentre}, its APIs at {connection.ApiDomain ?? "an address not known yet"}.");
        }

        yield return connection switch
        {
            { MissingScopes.Count: > 0 } => new(
                "scopes",
                Verdict.Warning,
                $"Not granted, and what needs them is not done: {string.Join(", ", connection.MissingScopes)}.",
                fixes.Of("scopes_missing", connection))
            {
                Code = "scopes_missing",
                ConnectionId = connection.Id,
            },
            { GrantedScopes.Count: 0 } => new("scopes", Verdict.Warning, $"{provider} did not say what was granted."),
            _ => new("scopes", Verdict.Ok, $"Granted: {string.Join(", ", connection.GrantedScopes)}."),
        };
    }

    private static IEnumerable<Finding> OfCheck(SettingsCheck check, IReadOnlyList<Connection> connections, Fixes fixes)
    {
        var used = connections.FirstOrDefault(connection => connection.Id == check.ConnectionId)
            // none serves it: one that could
            ?? connections.FirstOrDefault(connection => connection.Features.Contains(check.Name is Crm or Messaging ? Crm : Campaigns, StringComparer.Ordinal));
        if (check.Findings.Count > 0)
        {
            // the data centre and what was granted stand beside the connection already
            foreach (var finding in check.Findings.Where(
                finding => finding.Status is not FindingStatus.Ok || finding.Name is not ("data_centre" or "scopes")))
            {
                yield return new(
                    check.Name == Crm ? Crm : finding.Name.Replace('_', ' '),
                    StatusOf(finding.Status),
                    finding.Message,
                    finding.Status is not (FindingStatus.Failed or FindingStatus.Warning) ? null
                        : check.Name == Messaging && finding.Code == "not_connected" ? fixes.WithCrm(connections)
                        : fixes.Of(finding.Code, used, finding.Module))
                {
                    Code = finding.Code,
                    ConnectionId = check.ConnectionId,
                    Module = finding.Module,
                };
            }

            yield break;
        }

        yield return new(
            check.Name switch { CampaignsList => "list", "connection" => "zoho", var other => other },
            check.Ok ? Verdict.Ok : Verdict.Failed,
            check.Message,
            check.Ok ? null : fixes.Of(check.Code, used))
        {
            Code = check.Code,
            ConnectionId = check.ConnectionId,
        };
    }

    private static Verdict StatusOf(FindingStatus status) => status switch
    {
        FindingStatus.Ok => Verdict.Ok,
        FindingStatus.Failed => Verdict.Failed,
        FindingStatus.NotLooked => Verdict.Skipped,
        FindingStatus.Warning or FindingStatus.Unknown => Verdict.Warning,
    };

    private static async Task<List<Finding>> QuotaAsync(PlatformClient client, bool verbose, CancellationToken cancellationToken)
    {
        var quota = await client.Campaigns.GetQuotaAsync(cancellationToken);
        return quota.Methods.Count == 0
            ? [new("quota", Verdict.Ok, "Nothing was called lately: all of it is left.")]
            : verbose ? [.. quota.Methods.Select(OfMethod)]
            : [OfMethod(quota.Methods.MaxBy(UsedOf)!)];
    }

    // a locked one before all others
    private static double UsedOf(MethodQuota method) => method.UnlocksAt is not null
        ? double.MaxValue
        : method.Limits.Select(limit => (double)limit.Used / limit.Usable).DefaultIfEmpty().Max();

    private static Finding OfMethod(MethodQuota method)
    {
        if (method.UnlocksAt is { } until)
        {
            return new(
                "quota",
                Verdict.Warning,
                $"Zoho answers no {method.Method} until {Words.Of(until)}.",
                "Wait: work goes on by itself then.");
        }

        var left = method.Limits.Select(OfLimit);
        return method.Limits.Any(limit => limit.Used >= limit.Usable)
            ? new("quota", Verdict.Warning, $"{method.Method}: {string.Join("; ", left)}.", "Wait: work goes on by itself.")
            : new("quota", Verdict.Ok, $"{method.Method}: {string.Join("; ", left)}.");
    }

    private static string OfLimit(QuotaLimit limit)
    {
        var left = Math.Max(0, limit.Usable - limit.Used);
        return $"{Words.Of(left)} of {Words.Of(limit.Usable)} left in {Words.Of(TimeSpan.FromSeconds(limit.WindowSeconds))}";
    }

    // what one look cannot see must not keep the others from being taken
    private static async Task<List<Finding>> LookAsync(string name, Fixes fixes, Func<Task<List<Finding>>> look)
    {
        try
        {
            return await look();
        }
        catch (PlatformException e)
        {
            return [Of(name, fixes, e)];
        }
    }

    private static Finding Of(string name, Fixes fixes, PlatformException failure) => failure.Status switch
    {
        // which role it needs, and what to do about it, is said by who refuses
        HttpStatusCode.Forbidden => new(name, Verdict.Skipped, failure.Message) { Code = failure.Code },
        null
            or HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => new(name, Verdict.Unreachable, failure.Message),
        _ => new(name, Verdict.Failed, failure.Message, fixes.Of(failure.Code, null)) { Code = failure.Code },
    };
}
