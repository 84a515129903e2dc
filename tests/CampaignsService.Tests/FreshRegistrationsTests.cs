using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What a worker may push without reading it again.</summary>
public sealed class FreshRegistrationsTests
{
    private static readonly TenantId Ours = new(Guid.NewGuid());
    private static readonly Guid Id = Guid.NewGuid();
    private static readonly Contact Ada = new() { Email = "ada@example.com" };

    private readonly FakeTimeProvider _clock = new();
    private readonly FreshRegistrations _fresh;

    public FreshRegistrationsTests() => _fresh = new FreshRegistrations(_clock);

    [Fact]
    public void It_is_taken_once_with_the_list_that_was_set_then()
    {
        _fresh.Put(Ours, Id, Ada, "list");

        Assert.Equal((Ada, "list"), _fresh.Take(ClaimOf(Ours)));
        Assert.Null(_fresh.Take(ClaimOf(Ours)));
    }

    [Fact]
    public void After_five_seconds_it_is_read_again()
    {
        _fresh.Put(Ours, Id, Ada, "list");
        _clock.Advance(FreshRegistrations.Trusted);

        Assert.Null(_fresh.Take(ClaimOf(Ours)));
    }

    [Fact]
    public void A_second_try_another_tenant_and_one_without_a_list_read_it()
    {
        _fresh.Put(Ours, Id, Ada, "list");
        Assert.Null(_fresh.Take(ClaimOf(new TenantId(Guid.NewGuid()))));
        Assert.Null(_fresh.Take(ClaimOf(Ours, attempts: 2)));

        _fresh.Put(Ours, Id, Ada, listKey: null);
        Assert.Null(_fresh.Take(ClaimOf(Ours)));
    }

    private static Claim ClaimOf(TenantId tenant, int attempts = 1) =>
        new(new WorkItem(tenant, Id, attempts), [], InDoubt: false, GateFailures: 0, TraceParent: null);
}
