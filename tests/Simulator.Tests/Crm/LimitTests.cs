namespace ZohoPlatform.Simulator.Tests.Crm;

public sealed class LimitTests(CrmWorld world) : IClassFixture<CrmWorld>
{
    [Fact]
    public async Task Credits_are_those_of_any_24_hours_and_told_from_the_half_on()
    {
        var crm = await world.FreshAsync();
        await crm.Zoho.FreezeAsync();
        await crm.ControlAsync(HttpMethod.Put, "/plan", new { credits = 6 });

        Assert.Null((await crm.GetAsync("org")).Header("X-API-CREDITS-REMAINING"));
        Assert.Null((await crm.GetAsync("org")).Header("X-API-CREDITS-REMAINING"));
        // eleven records are two credits
        var two = await crm.PostAsync("Leads", new { data = Enumerable.Range(0, 11).Select(i => new { Last_Name = $"L{i}" }) });
        Assert.Equal("2", two.Header("X-API-CREDITS-REMAINING"));
        await crm.Zoho.AdvanceAsync(TimeSpan.FromMinutes(30));
        await crm.QueryAsync("select id from Leads where id is not null limit 1000");

        var over = await crm.GetAsync("org");
        Assert.Equal((429, "TOO_MANY_REQUESTS"), (over.Code, over.Root));
        Assert.Contains("24 hours", over.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        await crm.SetAsync(new { legacy_limit_body = true });
        Assert.Equal(429, (await crm.GetAsync("org")).Body.GetProperty("code").GetInt32());

        await crm.Zoho.AdvanceAsync(TimeSpan.FromHours(23.5));
        var free = await (await world.CallerAsync()).GetAsync("org");
        Assert.Equal((200, "3"), (free.Code, free.Header("X-API-CREDITS-REMAINING")));
        var use = (await crm.ControlAsync(HttpMethod.Get, "")).GetProperty("use");
        Assert.Equal((3, 2), (use.GetProperty("credits_used").GetInt32(), use.GetProperty("refused_for_credits").GetInt32()));
    }

    [Fact]
    public async Task Calls_at_a_time_are_counted_for_the_organisation_and_its_app()
    {
        var crm = await world.FreshAsync();
        await crm.SetAsync(new { call_milliseconds = 400 });

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => crm.GetAsync("org")));

        Assert.Equal(5, replies.Count(reply => reply.Code is 200));
        var refused = replies.First(reply => reply.Code is 429);
        Assert.Equal("TOO_MANY_REQUESTS", refused.Root);
        Assert.Contains("concurrency", refused.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await crm.GetAsync("org")).Code);

        await crm.ControlAsync(HttpMethod.Put, "/plan", new { concurrency = 25, sub_concurrency = 2 });
        var heavy = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => crm.QueryAsync("select id from Leads where id is not null")));
        Assert.Equal(2, heavy.Count(reply => reply.Code is 204));
        Assert.Contains("sub-concurrency", heavy.First(reply => reply.Code is 429).Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => crm.GetAsync("org"))), reply => Assert.Equal(200, reply.Code));
    }
}
