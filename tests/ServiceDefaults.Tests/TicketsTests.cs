using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class TicketsTests
{
    private static readonly TenantId Tenant = new(Guid.Parse("0199a000-0000-7000-8000-000000000001"));
    private static readonly Caller Somebody = new(Tenant, Role.Operator, "key:1");

    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private readonly (string Private, string Public) _gateway = TicketKeys.NewPair();
    private readonly (string Private, string Public) _campaigns = TicketKeys.NewPair();

    [Fact]
    public async Task A_ticket_carries_its_caller_to_the_service_that_it_is_for()
    {
        var ticket = Text(Gateway, Somebody);

        Assert.Equal(Somebody, await OpenAsync(Tokens(), ticket));
        Assert.Null(await OpenAsync(Hearing("books", _gateway.Public), ticket));
    }

    [Fact]
    public async Task A_ticket_of_a_key_that_is_not_known_does_not_open()
    {
        var forged = new Tickets("gateway", Options.Create(new TicketOptions { SigningKey = TicketKeys.NewPair().Private }), _clock);

        Assert.Null(await OpenAsync(Tokens(), Text(forged, Somebody)));
    }

    [Fact]
    public async Task A_service_cannot_sign_in_anothers_name()
    {
        var masked = new Tickets("gateway", Options.Create(new TicketOptions { SigningKey = _campaigns.Private }), _clock);

        Assert.Null(await OpenAsync(Tokens(), Text(masked, Somebody)));
        Assert.Null(await OpenAsync(Tokens(), Text(masked, masked.OwnCaller(Tenant))));
    }

    [Fact]
    public async Task A_changed_ticket_does_not_open()
    {
        var (ticket, tokens) = (Text(Gateway, Somebody), Tokens());
        // also where the whole one, which ends in the same signature, was seen before
        Assert.NotNull(await OpenAsync(tokens, ticket));
        var parts = ticket.Split('.');
        var changed = (parts[1][20] == 'A' ? 'B' : 'A') + parts[1][21..];

        Assert.Null(await OpenAsync(tokens, $"{parts[0]}.{parts[1][..20]}{changed}.{parts[2]}"));
        Assert.Null(await OpenAsync(tokens, $"{parts[0]}.{parts[1]}."));
        Assert.Null(await OpenAsync(tokens, "ticket"));
        Assert.Null(await OpenAsync(tokens, ""));
    }

    [Theory]
    [InlineData(Role.Service, "key:1", false)]
    [InlineData(Role.Admin, "key:1", true)]
    [InlineData(Role.Viewer, "user:ada", true)]
    [InlineData(Role.Admin, "service:campaigns", false)]
    [InlineData(Role.Service, "service:campaigns", false)]
    [InlineData(Role.Service, "service:gateway", true)]
    [InlineData(Role.Admin, "service:gateway", false)]
    public async Task The_gateway_speaks_for_keys_people_and_itself(Role role, string subject, bool isHeard)
    {
        var caller = new Caller(Tenant, role, subject);

        Assert.Equal(isHeard ? caller : null, await OpenAsync(Tokens(), Text(Gateway, caller)));
    }

    [Fact]
    public async Task A_keys_owner_and_permissions_come_through()
    {
        var caller = Somebody with { Owner = "ada@example.com", Scope = "tokens:read:1 tokens:read:2" };

        var opened = await OpenAsync(Tokens(), Text(Gateway, caller));

        Assert.Equal(caller, opened);
        Assert.True(opened!.May(Permissions.TokensRead, "2"));
        Assert.False(opened.May(Permissions.TokensRead, "3"));
        Assert.Null(await OpenAsync(Tokens(), Text(Gateway, caller with { Owner = "" })));
    }

    [Theory]
    [InlineData(Role.Viewer, "key:1", false)]
    [InlineData(Role.Service, "service:gateway", false)]
    [InlineData(Role.Service, "service:campaigns", true)]
    [InlineData(Role.Admin, "service:campaigns", false)]
    [InlineData(Role.Operator, "service:campaigns", false)]
    [InlineData(Role.Viewer, "service:campaigns", false)]
    public async Task Another_service_speaks_for_itself_alone(Role role, string subject, bool isHeard)
    {
        var caller = new Caller(Tenant, role, subject);

        Assert.Equal(isHeard ? caller : null, await OpenAsync(Tokens(), Text(Campaigns, caller)));
    }

    [Fact]
    public async Task Where_a_caller_asks_from_is_heard_from_the_gateway_alone()
    {
        var seen = Somebody with { From = "192.0.2.7" };

        Assert.Equal(seen, await OpenAsync(Tokens(), Text(Gateway, seen)));
        Assert.Null(await OpenAsync(Tokens(), Text(Gateway, Somebody with { From = "not an address" })));
        Assert.Null(await OpenAsync(Tokens(), Text(Campaigns, Campaigns.OwnCaller(Tenant) with { From = "192.0.2.7" })));
        Assert.NotNull(await OpenAsync(Tokens(), Text(Campaigns, Campaigns.OwnCaller(Tenant))));
    }

    [Fact]
    public async Task A_service_has_nobodys_owner_and_permissions()
    {
        var caller = new Caller(Tenant, Role.Service, "service:campaigns");

        Assert.Null(await OpenAsync(Tokens(), Text(Campaigns, caller with { Scope = "tokens:read:1" })));
        Assert.Null(await OpenAsync(Tokens(), Text(Campaigns, caller with { Owner = "ada" })));
    }

    [Fact]
    public async Task A_key_is_replaced_without_a_ticket_that_is_refused()
    {
        var fresh = TicketKeys.NewPair();
        var both = Hearing("tokens", $"{_gateway.Public}, {fresh.Public}");
        var replaced = new Tickets("gateway", Options.Create(new TicketOptions { SigningKey = fresh.Private }), _clock);

        Assert.Equal(Somebody, await OpenAsync(both, Text(Gateway, Somebody)));
        Assert.Equal(Somebody, await OpenAsync(both, Text(replaced, Somebody)));
        Assert.Null(await OpenAsync(Hearing("tokens", fresh.Public), Text(Gateway, Somebody)));
    }

    [Fact]
    public async Task A_ticket_ends_after_five_minutes_though_it_was_opened_before()
    {
        var check = Tokens();
        var ticket = Text(Gateway, Somebody);

        Assert.NotNull(await OpenAsync(check, ticket));
        _clock.Advance(Tickets.Life - TimeSpan.FromSeconds(1));
        Assert.NotNull(await OpenAsync(check, ticket));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await OpenAsync(check, ticket));
        Assert.Null(await OpenAsync(Tokens(), ticket));
    }

    [Fact]
    public async Task A_ticket_that_would_live_for_long_is_none()
    {
        var later = StandingClock.Create();
        later.Advance(TimeSpan.FromHours(1));
        var tickets = new Tickets("gateway", Options.Create(new TicketOptions { SigningKey = _gateway.Private }), later);

        Assert.Null(await OpenAsync(Tokens(), Text(tickets, Somebody)));
    }

    [Fact]
    public void A_caller_shows_the_same_ticket_for_a_minute_and_nobody_else_shows_it()
    {
        var tickets = Gateway;
        var first = Text(tickets, Somebody);

        Assert.NotEqual(first, Text(tickets, Somebody with { Role = Role.Admin }));
        Assert.NotEqual(first, tickets.HeaderFor(Somebody, "campaigns")["Bearer ".Length..]);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(first, Text(tickets, Somebody));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, Text(tickets, Somebody));
    }

    [Theory]
    [InlineData("", "is missing")]
    [InlineData("short", "is not a private key")]
    [InlineData("AAAA", "is not a private key")]
    public void A_signing_key_that_is_none_is_named_with_what_makes_one(string key, string what)
    {
        var message = new TicketOptionsValidator().Validate(null, new TicketOptions { SigningKey = key }).FailureMessage;

        Assert.Contains($"Tickets:SigningKey {what}", message, StringComparison.Ordinal);
        Assert.Contains("openssl genpkey", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issuers_key_that_is_none_is_named_and_a_private_one_is_none()
    {
        foreach (var keys in (string[])["", "AAAA", _gateway.Private, $"{_gateway.Public},AAAA"])
        {
            var trust = new TrustOptions { Issuers = { ["gateway"] = new TrustedIssuer { Keys = keys } } };

            Assert.Contains(
                "Tickets:Issuers:gateway:Keys", new TrustOptionsValidator().Validate(null, trust).FailureMessage, StringComparison.Ordinal);
        }

        Assert.Contains(
            "Tickets:Issuers names nobody", new TrustOptionsValidator().Validate(null, new TrustOptions()).FailureMessage, StringComparison.Ordinal);
    }

    private Tickets Gateway => new("gateway", Options.Create(new TicketOptions { SigningKey = _gateway.Private }), _clock);

    private Tickets Campaigns => new("campaigns", Options.Create(new TicketOptions { SigningKey = _campaigns.Private }), _clock);

    private static string Text(Tickets tickets, Caller caller) => tickets.HeaderFor(caller, "tokens")["Bearer ".Length..];

    private static async Task<Caller?> OpenAsync(TicketCheck check, string ticket) => (await check.OpenAsync(ticket))?.Caller;

    private TicketCheck Tokens() => Hearing("tokens", _gateway.Public);

    private TicketCheck Hearing(string service, string gatewayKeys) => new(
        service,
        Options.Create(new TrustOptions
        {
            Issuers =
            {
                ["gateway"] = new TrustedIssuer { Keys = gatewayKeys, SpeaksForCallers = true },
                ["campaigns"] = new TrustedIssuer { Keys = _campaigns.Public },
            },
        }),
        _clock);
}
