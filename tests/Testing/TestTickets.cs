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
        ["webhooks"] = TicketKeys.NewPair(),
    };

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
        }

        return settings;
    }

    /// <summary>What <paramref name="service"/> makes its tickets with.</summary>
    public static Tickets Of(string service, TimeProvider? clock = null) => new(
        service, Options.Create(new TicketOptions { SigningKey = Keys[service].Private }), clock ?? TimeProvider.System);

    /// <summary>
    /// A ticket for the service <paramref name="audience"/>: of a key with that role from the gateway, or of the campaigns service itself.
    /// </summary>
    public static Metadata For(TenantId tenant, Role role, string audience, TimeProvider? clock = null)
    {
        var issuer = Of(role is Role.Service ? "campaigns" : Gateway, clock);
        return issuer.For(role is Role.Service ? issuer.OwnCaller(tenant) : new Caller(tenant, role, $"key:{role}"), audience);
    }

    /// <summary>A ticket of an API key as the gateway makes it.</summary>
    public static Metadata For(Caller key, string audience, TimeProvider? clock = null) => Of(Gateway, clock).For(key, audience);
}
