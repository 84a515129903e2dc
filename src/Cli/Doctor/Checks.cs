using System.Net;
using System.Runtime.CompilerServices;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>What the doctor looks at, from here to Zoho. Without a gateway or a key nothing further can be looked at.</summary>
internal static class Checks
{
    private const string Campaigns = "campaigns";

    public static async IAsyncEnumerable<Finding> AllAsync(
        PlatformClient client, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (identity, known) = await IdentityAsync(client, cancellationToken);
        foreach (var finding in identity)
        {
            yield return finding;
        }

        if (!known)
        {
            yield break;
        }

        foreach (var check in (Func<Task<List<Finding>>>[])
        [
            () => LookAsync("client", () => OAuthClientAsync(client, cancellationToken)),
            () => LookAsync("connection", () => ConnectionsAsync(client, cancellationToken)),
            () => LookAsync("zoho", () => TrialAsync(client, cancellationToken)),
            () => LookAsync("quota", () => QuotaAsync(client, cancellationToken)),
        ])
        {
            foreach (var finding in await check())
            {
                yield return finding;
            }
        }
    }

    private static async Task<(List<Finding> Findings, bool Known)> IdentityAsync(
        PlatformClient client, CancellationToken cancellationToken)
    {
        try
        {
            var who = await client.WhoAmIAsync(cancellationToken);
            return (
                [
                    new("gateway", FindingStatus.Ok, "It answers."),
                    new("key", FindingStatus.Ok, $"Key {who.KeyId} of tenant {who.Tenant}, role {ApiName.Of(who.Role)}."),
                ],
                true);
        }
        catch (PlatformException e) when (e.Status is HttpStatusCode.Unauthorized)
        {
            return ([new("gateway", FindingStatus.Ok, "It answers."), new("key", FindingStatus.Failed, e.Message, "zoho login")], false);
        }
        catch (PlatformException e)
        {
            var gateway = Of("gateway", e);
            return (
                [gateway with { Fix = gateway.Fix ?? "Start it with ./run.sh, or name another one: zoho login --url https://..." }], false);
        }
    }

    private static async Task<List<Finding>> OAuthClientAsync(PlatformClient client, CancellationToken cancellationToken)
    {
        var settings = await client.Settings.GetZohoAsync(cancellationToken);
        if (settings.ClientId is null)
        {
            return
            [
                new(
                    "client",
                    FindingStatus.Failed,
                    "No Zoho OAuth client is set.",
                    "Make one at https://api-console.zoho.com (your data centre's own console) and send client_id, client_secret and "
                        + "region to POST /api/settings/integrations/zoho."),
            ];
        }

        return settings.ClientSecret is null && settings.ClientSecrets is null or { Count: 0 }
            ?
            [
                new(
                    "client",
                    FindingStatus.Failed,
                    "The Zoho OAuth client has no secret.",
                    "Send client_secret to POST /api/settings/integrations/zoho."),
            ]
            : [new("client", FindingStatus.Ok, $"Zoho OAuth client registered in {settings.Region ?? "no data centre that was said"}.")];
    }

    private static async Task<List<Finding>> ConnectionsAsync(PlatformClient client, CancellationToken cancellationToken)
    {
        var connections = await client.Connections.ListAsync(cancellationToken: cancellationToken);
        var findings = connections.SelectMany(OfConnection).ToList();
        var zoho = connections.Where(connection => connection.Provider == "zoho");
        if (!zoho.Any(connection => connection.Features.Contains(Campaigns, StringComparer.Ordinal)))
        {
            findings.Add(new("connection", FindingStatus.Failed, "Zoho is not connected for Campaigns.", "zoho connect zoho"));
        }

        return findings;
    }

    private static IEnumerable<Finding> OfConnection(Connection connection)
    {
        var provider = connection.Provider;
        var again = $"zoho connect {provider} --features {string.Join(',', connection.Features)}";
        var what = $"{provider} of {connection.Owner}, for {string.Join(", ", connection.Features)}";
        yield return connection.State is ConnectionState.Active
            ? new("connection", FindingStatus.Ok, $"{what}: active.")
            : new("connection", FindingStatus.Failed, $"{what}: {ApiName.Of(connection.State)}. {connection.StateReason}", again);
        if (connection.DataCentre is not null)
        {
            yield return new(
                "data centre",
                FindingStatus.Ok,
                $"{connection.DataCentre}, its APIs at {connection.ApiDomain ?? "an address not known yet"}.");
        }

        yield return connection switch
        {
            { MissingScopes.Count: > 0 } => new(
                "scopes",
                FindingStatus.Failed,
                $"Not granted, but needed: {string.Join(", ", connection.MissingScopes)}.",
                $"{again}, and accept all of them"),
            { GrantedScopes.Count: 0 } => new("scopes", FindingStatus.Warning, $"{provider} did not say what was granted."),
            _ => new("scopes", FindingStatus.Ok, $"Granted: {string.Join(", ", connection.GrantedScopes)}."),
        };
    }

    private static async Task<List<Finding>> TrialAsync(PlatformClient client, CancellationToken cancellationToken) =>
    [
        .. (await client.Settings.TestZohoAsync(cancellationToken)).Checks.Select(check => check.Name switch
        {
            "campaigns_list" => new Finding(
                "list",
                check.Ok ? FindingStatus.Ok : FindingStatus.Failed,
                check.Message,
                check.Ok
                    ? null
                    : "zoho campaigns lists shows the keys; send one as campaigns_list_key to POST /api/settings/integrations/zoho."),
            "connection" => new Finding("zoho", check.Ok ? FindingStatus.Ok : FindingStatus.Failed, check.Message),
            _ => new Finding(check.Name, check.Ok ? FindingStatus.Ok : FindingStatus.Failed, check.Message),
        }),
    ];

    private static async Task<List<Finding>> QuotaAsync(PlatformClient client, CancellationToken cancellationToken)
    {
        var quota = await client.Campaigns.GetQuotaAsync(cancellationToken);
        return quota.Methods.Count == 0
            ? [new("quota", FindingStatus.Ok, "Nothing was called lately: all of it is left.")]
            : [.. quota.Methods.Select(OfMethod)];
    }

    private static Finding OfMethod(MethodQuota method)
    {
        if (method.UnlocksAt is { } until)
        {
            return new(
                "quota",
                FindingStatus.Warning,
                $"Zoho answers no {method.Method} until {Words.Of(until)}.",
                "Wait: work goes on by itself then.");
        }

        var left = method.Limits.Select(OfLimit);
        return method.Limits.Any(limit => limit.Used >= limit.Usable)
            ? new("quota", FindingStatus.Warning, $"{method.Method}: {string.Join("; ", left)}.", "Wait: work goes on by itself.")
            : new("quota", FindingStatus.Ok, $"{method.Method}: {string.Join("; ", left)}.");
    }

    private static string OfLimit(QuotaLimit limit)
    {
        var left = Math.Max(0, limit.Usable - limit.Used);
        return $"{Words.Of(left)} of {Words.Of(limit.Usable)} left in {Words.Of(TimeSpan.FromSeconds(limit.WindowSeconds))}";
    }

    // what one look cannot see must not keep the others from being taken
    private static async Task<List<Finding>> LookAsync(string name, Func<Task<List<Finding>>> look)
    {
        try
        {
            return await look();
        }
        catch (PlatformException e)
        {
            return [Of(name, e)];
        }
    }

    private static Finding Of(string name, PlatformException failure) => failure.Status switch
    {
        HttpStatusCode.Forbidden => new(
            name, FindingStatus.Skipped, "This key's role may not look at it.", "Use a key with the role operator."),
        null
            or HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => new(name, FindingStatus.Unreachable, failure.Message),
        _ => new(name, FindingStatus.Failed, $"{failure.Message} ({failure.Code})"),
    };
}
