using Grpc.Core;
using Microsoft.Extensions.Options;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Testing;

/// <summary>The signing keys of the platform's services for the hosts of one test run: each signs with its own and hears all others.</summary>
public static class TestTickets
{
    private const string Gateway = "gateway";

    private static readonly Dictionary<string, (string Private, string Public)> Keys = new(StringComparer.Ordinal)
    {
        [Gateway] = TicketKeys.NewPair(),
        ["tokens"] = TicketKeys.NewPair(),
        ["campaigns"] = TicketKeys.NewPair(),
        ["crm"] = TicketKeys.NewPair(),
        ["messaging"] = TicketKeys.NewPair(),
        ["webhooks"] = TicketKeys.NewPair(),
    };

    // as the app host has it, which a test of its manifest compares
    private static readonly Dictionary<(string Issuer, string At), string> Calls = new()
    {
        [("campaigns", "tokens")] = "zohoplatform.tokens.v1.AccessTokens",
        [(Gateway, "tokens")] = "zohoplatform.tokens.v1.Connections/CompleteAuthorization,zohoplatform.tokens.v1.Connections/CreateConnection,"
            + "zohoplatform.tokens.v1.Connections/ListConnections,zohoplatform.tokens.v1.IntegrationSettingsStore/UpdateSettings,"
            + "zohoplatform.sealing.v1.KeyRing,zohoplatform.audit.v1.AuditLog/ListHeads,zohoplatform.erasure.v1.TenantData",
        [(Gateway, "campaigns")] = "zohoplatform.campaigns.v1.CampaignsSettingsStore/UpdateSettings,"
            + "zohoplatform.sealing.v1.KeyRing,zohoplatform.audit.v1.AuditLog/ListHeads,zohoplatform.erasure.v1.TenantData",
        [("crm", "tokens")] = "zohoplatform.tokens.v1.AccessTokens",
        [(Gateway, "crm")] = "zohoplatform.crm.v1.Notifications,zohoplatform.audit.v1.AuditLog/ListHeads,zohoplatform.erasure.v1.TenantData",
        [(Gateway, "messaging")] = "zohoplatform.messaging.v1.WhatsAppWebhooks,zohoplatform.messaging.v1.Conversations/OpenLink,"
            + "zohoplatform.messaging.v1.MessagingSettingsStore/UpdateSettings,"
            + "zohoplatform.sealing.v1.KeyRing,zohoplatform.audit.v1.AuditLog/ListHeads,zohoplatform.erasure.v1.TenantData",
        [("crm", "webhooks")] = "zohoplatform.webhooks.v1.Events",
        [("tokens", "webhooks")] = "zohoplatform.webhooks.v1.Events",
        [("campaigns", "webhooks")] = "zohoplatform.webhooks.v1.Events",
        [(Gateway, "webhooks")] = "zohoplatform.sealing.v1.KeyRing,zohoplatform.audit.v1.AuditLog/ListHeads,zohoplatform.erasure.v1.TenantData",
    };

    /// <summary>The platform's services, by name.</summary>
    public static IReadOnlyCollection<string> Services => Keys.Keys;

    /// <summary>What <paramref name="service"/> is configured with.</summary>
    public static IReadOnlyDictionary<string, string?> SettingsOf(string service)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Tickets:SigningKey"] = Keys[service].Private,
            [$"Tickets:Issuers:{Gateway}:SpeaksForCallers"] = "true",
        };
        foreach (var (name, pair) in Keys)
        {
            settings[$"Tickets:Issuers:{name}:Keys"] = pair.Public;
            if (Calls.TryGetValue((name, service), out var calls))
            {
                settings[$"Tickets:Issuers:{name}:Calls"] = calls;
            }
        }

        return settings;
    }

    /// <summary>What <paramref name="service"/> makes its tickets with.</summary>
    public static Tickets Of(string service, TimeProvider? clock = null) => new(
        service, Options.Create(new TicketOptions { SigningKey = Keys[service].Private }), clock ?? TimeProvider.System);

    /// <summary>
    /// A ticket for the service <paramref name="audience"/>: of a key with that role from the gateway, or of a service itself: of the campaigns
    /// service for a tenant, of the gateway for none.
    /// </summary>
    public static Metadata For(TenantId tenant, Role role, string audience, TimeProvider? clock = null)
    {
        return role is Role.Service
            ? OwnOf(tenant == TenantId.None ? Gateway : "campaigns", tenant, audience, clock)
            : Of(Gateway, clock).For(new Caller(tenant, role, $"key:{role}"), audience);
    }

    /// <summary>A ticket of the service <paramref name="issuer"/> on its own account.</summary>
    public static Metadata OwnOf(string issuer, TenantId tenant, string audience, TimeProvider? clock = null)
    {
        var tickets = Of(issuer, clock);
        return tickets.For(tickets.OwnCaller(tenant), audience);
    }

    /// <summary>A ticket of an API key as the gateway makes it.</summary>
    public static Metadata For(Caller key, string audience, TimeProvider? clock = null) => Of(Gateway, clock).For(key, audience);
}
