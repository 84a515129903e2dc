using System.Globalization;
using System.Net;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Finance;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Finance;

/// <summary>Calls of an organisation: of a minute, of a day, at once.</summary>
public sealed class FinanceLimitsTests
{
    private const string Empty = """{"code":0,"message":"success","items":[],"page_context":{"has_more_page":false}}""";

    // no other test has its quota
    private readonly string _organization = Random.Shared.NextInt64(900_000_000_000, 999_999_999_999).ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_minute_takes_eighty_however_much_is_left_of_the_day()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers(Empty, ("X-Rate-Limit-Limit", "5000"), ("X-Rate-Limit-Remaining", "4900"), ("X-Rate-Limit-Reset", "3600"));
        for (var i = 0; i < 80; i++)
        {
            Value(await ListAsync(host));
        }

        var refused = Refusal(await ListAsync(host));

        Assert.Equal((FailureKind.RateLimited, "quota_reached"), (refused.Kind, refused.Code));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1.1));
        Assert.Equal(80, host.Provider.Requests.Count);
        // another organisation, and another product, have their own
        Value(await host.Finance.ListAsync(host.Call, FinanceProduct.Inventory, _organization, FinanceEntity.Items, new FinanceListing(1), default));
    }

    [Fact]
    public async Task What_Zoho_says_is_left_of_the_day_is_believed_and_a_part_of_it_left_to_others()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider
            .Answers(Empty, ("X-Rate-Limit-Limit", "2000"), ("X-Rate-Limit-Remaining", "402"), ("X-Rate-Limit-Reset", "3600"))
            .Answers(Empty, ("X-Rate-Limit-Limit", "2000"), ("X-Rate-Limit-Remaining", "400"), ("X-Rate-Limit-Reset", "3600"));
        Value(await ListAsync(host));
        var budget = Value(await host.Finance.GetBudgetAsync(host.Call, FinanceProduct.Books, _organization, default));
        Assert.Equal([100, 2000], budget.Usages.Select(usage => usage.Limit.Calls));
        Value(await ListAsync(host));

        Assert.Equal("quota_reached", Refusal(await ListAsync(host)).Code);
        Assert.Equal(2, host.Provider.Requests.Count);
    }

    [Theory]
    [InlineData(43, HttpStatusCode.TooManyRequests, "Retry-After", "3600", 3600)]
    [InlineData(44, HttpStatusCode.TooManyRequests, "X-Other", "1", 3600)]
    [InlineData(45, HttpStatusCode.TooManyRequests, "X-Rate-Limit-Reset", "19782", 19782)]
    [InlineData(45, HttpStatusCode.OK, "X-Rate-Limit-Reset", "60", 60)]
    public async Task An_organisation_that_is_blocked_is_left_alone_by_all(int code, HttpStatusCode status, string header, string said, int seconds)
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers($$"""{"code":{{code}},"message":"blocked"}""", status, (header, said)).Answers(Empty);

        var refused = Refusal(await ListAsync(host));
        Assert.Equal((FailureKind.RateLimited, "quota_locked"), (refused.Kind, refused.Code));
        Assert.Equal(TimeSpan.FromSeconds(seconds), refused.RetryAfter);

        var next = Refusal(await ListAsync(host));
        Assert.Equal("quota_locked", next.Code);
        Assert.InRange(next.RetryAfter!.Value, TimeSpan.FromSeconds(seconds - 30), TimeSpan.FromSeconds(seconds));
        Assert.Single(host.Provider.Requests);
    }

    [Fact]
    public async Task Too_many_at_once_are_sent_again_a_creation_as_well()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider
            .Answers("""{"code":1070,"message":"You have reached the maximum number of in process requests allowed."}""", HttpStatusCode.TooManyRequests)
            .Answers("""{"code":0,"message":"success","contact":{"contact_id":"46001"}}""", HttpStatusCode.Created);

        var made = Value(await host.Finance.CreateAsync(
            host.Call, FinanceProduct.Books, _organization, FinanceEntity.Contacts, new() { ["contact_name"] = "Ada" }, [], default));

        Assert.Equal("46001", made.Id);
        Assert.Equal(2, host.Provider.Requests.Count);
    }

    [Fact]
    public async Task Copies_leave_half_of_the_day_to_people()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers(Empty);
        var copy = host.Call with { Use = QuotaUse.Copy };
        var made = 0;
        while ((await ListAsync(host, copy)).Succeeded(out _, out _))
        {
            made++;
        }

        // half of a minute's eighty, before half of a day's eight hundred
        Assert.Equal(40, made);
        Value(await ListAsync(host));
    }

    private Task<Result<FinancePage>> ListAsync(ProviderHost host, ProviderCall? call = null) =>
        host.Finance.ListAsync(call ?? host.Call, FinanceProduct.Books, _organization, FinanceEntity.Items, new FinanceListing(1), default);
}
