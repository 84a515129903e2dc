using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class TicketsTests
{
    private static readonly Caller Somebody = new(new TenantId(Guid.Parse("0199a000-0000-7000-8000-000000000001")), Role.Operator, "key:1");

    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private readonly string _key = NewKey();

    [Fact]
    public void A_ticket_carries_its_caller_to_another_process_with_the_same_key() =>
        Assert.Equal(Somebody, Open(With(_key), Seal(With(_key), Somebody)));

    [Fact]
    public void A_ticket_of_another_key_does_not_open() =>
        Assert.Null(Open(With(NewKey()), Seal(With(_key), Somebody)));

    [Fact]
    public void A_changed_ticket_does_not_open()
    {
        var ticket = Seal(With(_key), Somebody);
        var changed = (ticket[20] == 'A' ? 'B' : 'A') + ticket[21..];

        Assert.Null(Open(With(_key), ticket[..20] + changed));
    }

    [Fact]
    public void A_replaced_key_still_opens_while_it_stands_second_and_does_not_seal()
    {
        var fresh = NewKey();

        Assert.Equal(Somebody, Open(With($"{fresh},{_key}"), Seal(With(_key), Somebody)));
        Assert.Null(Open(With(_key), Seal(With($"{fresh},{_key}"), Somebody)));
    }

    [Fact]
    public void A_ticket_says_when_it_ends()
    {
        var ticket = With(_key).Format.Unprotect(Seal(With(_key), Somebody));

        Assert.Equal(_clock.GetUtcNow() + Tickets.Life, ticket!.Properties.ExpiresUtc);
    }

    [Fact]
    public void A_caller_shows_the_same_ticket_for_a_minute_and_nobody_else_shows_it()
    {
        var tickets = With(_key);
        var first = Seal(tickets, Somebody);

        Assert.NotEqual(first, Seal(tickets, Somebody with { Role = Role.Admin }));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(first, Seal(tickets, Somebody));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, Seal(tickets, Somebody));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAA")]
    public void A_key_that_is_missing_or_weak_is_named(string key)
    {
        var result = new TicketOptionsValidator().Validate(null, new TicketOptions { Key = key });

        Assert.Contains("Tickets:Key", result.FailureMessage, StringComparison.Ordinal);
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private Tickets With(string key) => new(Options.Create(new TicketOptions { Key = key }), _clock);

    private static string Seal(Tickets tickets, Caller caller) => tickets.For(caller).GetValue("authorization")!["Bearer ".Length..];

    private static Caller? Open(Tickets tickets, string sealedTicket) =>
        tickets.Format.Unprotect(sealedTicket) is { } ticket ? Tickets.FromPrincipal(ticket.Principal) : null;
}
