using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>Whatever changes something over REST is in the audit, or says here why not.</summary>
public sealed class AuditedEndpointTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string NoConfiguration = "no configuration: ";

    private static readonly Dictionary<string, string> Audited = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/admin/keys"] = "key.created",
        ["DELETE /api/v1/admin/keys/{id}"] = "key.deleted",
        ["POST /api/v1/admin/tenants"] = "tenant.created",
        ["POST /api/v1/admin/tenants/{id}/keys"] = "key.created",
        ["POST /api/v1/key-ring/rotations"] = NoConfiguration + "the data keys of no tenant; the ring keeps every key with its date",
        ["POST /api/settings/integrations/zoho"] = "settings.changed",
        ["POST /api/settings/integrations/zoho/test"] = NoConfiguration + "asks the provider",
        ["POST /api/settings/integrations/hubspot"] = "settings.changed",
        ["POST /api/settings/integrations/hubspot/test"] = NoConfiguration + "asks the provider",
        ["POST /api/v1/connections"] = "connection.created",
        ["POST /api/v1/connections/{id}/test"] = NoConfiguration + "asks the provider",
        ["DELETE /api/v1/connections/{id}"] = "connection.deleted",
        ["POST /api/v1/connections/{id}/access-token/rejected"] = NoConfiguration + "a token is replaced; each hand-out is logged",
        ["POST /api/v1/webhooks"] = "webhook.created",
        ["DELETE /api/v1/webhooks/{id}"] = "webhook.deleted",
        ["POST /api/v1/webhooks/{id}/rotate-secret"] = "webhook.secret_rotated",
        ["POST /api/v1/webhooks/{id}/test"] = "webhook.enabled",
        ["POST /api/v1/webhooks/deliveries/{id}/redeliver"] = NoConfiguration + "sends again what was sent",
        ["POST /api/v1/campaigns/contacts"] = NoConfiguration + "one contact; the registration is its own record",
        ["POST /api/v1/campaigns/lists"] = NoConfiguration + "a list at Zoho; which one is used is settings.changed",
        ["POST /api/v1/campaigns/lists/{list_key}/unsubscribe"] = NoConfiguration + "one contact at Zoho",
        ["POST /api/v1/campaigns/do-not-mail"] = NoConfiguration + "one contact at Zoho",
        ["POST /api/v1/campaigns/sync-sources"] = "source.uploaded",
        ["POST /api/v1/campaigns/syncs"] = "sync.created",
        ["POST /api/v1/campaigns/syncs/{id}/pause"] = "sync.paused",
        ["POST /api/v1/campaigns/syncs/{id}/resume"] = "sync.resumed",
        ["POST /api/v1/campaigns/syncs/{id}/cancel"] = "sync.cancelled",
    };

    [Fact]
    public void Every_endpoint_that_changes_something_is_audited_or_says_why_not()
    {
        var mapped = shared.Host.Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                .Where(method => method is not ("GET" or "HEAD" or "OPTIONS"))
                .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"));

        Assert.Equal(Audited.Keys.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_action_is_one_that_a_service_logs()
    {
        var logged = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src"), "AuditActions.cs", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), "\"([a-z_]+\\.[a-z_]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1))
                .Select(match => match.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.Empty(Audited.Values.Where(action => !action.StartsWith(NoConfiguration, StringComparison.Ordinal)).Except(logged, StringComparer.Ordinal));
    }
}
