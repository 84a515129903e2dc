using System.Globalization;

namespace ZohoPlatform.Simulator.Tests.Finance;

public sealed class LimitTests(FinanceWorld world) : IClassFixture<FinanceWorld>
{
    [Fact]
    public async Task The_days_calls_are_told_with_every_answer_and_end_with_45()
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.FreezeAsync();
        await finance.ControlAsync(HttpMethod.Put, "/plan", new { calls_per_day = 3 });

        Assert.Equal(("3", "2"), Budget(await finance.GetAsync("books/v3/contacts")));
        // a refusal costs as much, whatever the product
        var refused = await finance.PostAsync("inventory/v1/contacts", new { });
        Assert.Equal((400, ("3", "1")), (refused.Status, Budget(refused)));
        Assert.Equal(("3", "0"), Budget(await finance.GetAsync("invoice/v3/contacts")));

        var over = await finance.GetAsync("books/v3/contacts");
        Assert.Equal(((429, 45), ("3", "0")), (over.Both, Budget(over)));
        Assert.Contains("limit of 3", over["message"].GetString(), StringComparison.Ordinal);
        await finance.Zoho.SetAsync(new { finance = new { daily_limit_status = 200 } });
        Assert.Equal((200, 45), (await finance.GetAsync("books/v3/contacts")).Both);
    }

    [Theory]
    // at any time one of these two has another date than UTC
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Pacific/Pago_Pago")]
    [InlineData("Asia/Kolkata")]
    public async Task The_day_ends_at_midnight_of_the_organisations_zone(string timeZone)
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.FreezeAsync();
        await finance.ControlAsync(HttpMethod.Patch, "", new { time_zone = timeZone });
        await finance.ControlAsync(HttpMethod.Put, "/plan", new { calls_per_day = 1 });

        var first = await finance.GetAsync("books/v3/contacts");

        var date = DateTimeOffset.Parse(first.Header("Date")!, CultureInfo.InvariantCulture);
        var seconds = int.Parse(first.Header("X-Rate-Limit-Reset")!, CultureInfo.InvariantCulture);
        var reset = TimeZoneInfo.ConvertTime(date.AddSeconds(seconds), TimeZoneInfo.FindSystemTimeZoneById(timeZone));
        Assert.Equal(0, (int)reset.TimeOfDay.TotalMinutes);
        Assert.Equal(429, (await finance.GetAsync("books/v3/contacts")).Status);
        await finance.Zoho.AdvanceAsync(TimeSpan.FromSeconds(seconds + 1));
        // tokens live for an hour only
        Assert.Equal(200, (await (await FinanceCaller.OfAsync(finance.Zoho)).GetAsync("books/v3/contacts")).Status);
    }

    [Fact]
    public async Task More_than_a_hundred_calls_in_a_minute_close_the_organisation_for_an_hour()
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.FreezeAsync();
        var added = await finance.ControlAsync(HttpMethod.Post, "/organisations", new { name = "Branch Ltd" });
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(200, (await finance.GetAsync("books/v3/contacts")).Status);
        }

        var blocked = await finance.GetAsync("inventory/v1/contacts");
        Assert.Equal(((429, 43), "3600"), (blocked.Both, blocked.Header("Retry-After")));
        Assert.Equal("4900", blocked.Header("X-Rate-Limit-Remaining"));
        // another organisation of the same user is not closed
        Assert.Equal(200, (await finance.Of(added.GetProperty("organisation_id").ToString()).GetAsync("books/v3/contacts")).Status);

        await finance.Zoho.AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Equal((429, 43), (await finance.GetAsync("books/v3/contacts")).Both);
        await finance.Zoho.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await (await FinanceCaller.OfAsync(finance.Zoho)).GetAsync("books/v3/contacts")).Status);
    }

    [Fact]
    public async Task Calls_at_a_time_are_ten_and_without_pay_five()
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.SetAsync(new { finance = new { call_milliseconds = 1000 } });

        var paid = await Task.WhenAll(Enumerable.Range(0, 14).Select(_ => finance.GetAsync("books/v3/contacts")));
        Assert.Equal(10, paid.Count(reply => reply.Status is 200));
        Assert.Equal((429, 1070), paid.First(reply => reply.Status is not 200).Both);

        await finance.ControlAsync(HttpMethod.Put, "/plan", new { plan = "Free" });
        var free = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => finance.GetAsync("books/v3/contacts")));
        Assert.Equal(5, free.Count(reply => reply.Status is 200));
        Assert.Equal("1000", free[0].Header("X-Rate-Limit-Limit"));
    }

    private static (string? Limit, string? Remaining) Budget(FinanceReply reply) =>
        (reply.Header("X-Rate-Limit-Limit"), reply.Header("X-Rate-Limit-Remaining"));
}
