using Npgsql;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>What is taken, what is refused, and who sees it. Nothing here is set up to reach Zoho.</summary>
public sealed class SubmissionTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private Campaigns _campaigns = null!;
    private Tenant _tenant = null!;

    public static TheoryData<string> OptionalFields =>
        ["first_name", "last_name", "country", "company", "phone", "preferred_language", "production_type", "category"];

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho);
        _tenant = await _campaigns.TenantAsync(connected: false, listSet: false);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Theory]
    [MemberData(nameof(OptionalFields))]
    public async Task A_field_takes_250_characters_and_is_named_when_it_has_more_or_a_control_character(string field)
    {
        var tooLong = await Refused.ByAsync(() => _tenant.SubmitAsync(With(field, new string('x', 251))));
        var broken = await Refused.ByAsync(() => _tenant.SubmitAsync(With(field, "a\u0001b")));
        await _tenant.SubmitAsync(With(field, new string('x', 250)));

        Assert.All([tooLong, broken], failure => Assert.Equal((FailureKind.Invalid, field), (failure.Kind, failure.Field)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.com")]
    [InlineData("ada@example")]
    [InlineData("ada@@example.com")]
    [InlineData("ada.@example.com")]
    [InlineData("ada..l@example.com")]
    [InlineData("ada l@example.com")]
    [InlineData("ada@exa mple.com")]
    [InlineData("ada@-example.com")]
    [InlineData("ada@example.123")]
    [InlineData("ada@example.com\r\nBcc: x@example.com")]
    [InlineData("Ada <ada@example.com>, Grace <grace@example.com>")]
    public async Task What_is_no_address_is_refused(string email) => Assert.Equal(
        (FailureKind.Invalid, "email"), await Refused.ByAsync(() => _tenant.SubmitAsync(email)) is var failure ? (failure.Kind, failure.Field!) : default);

    [Fact]
    public async Task An_address_has_at_most_254_characters_and_64_before_the_at()
    {
        var domain = $"{string.Join('.', Enumerable.Repeat(new string('d', 61), 3))}.com";
        var longest = $"{new string('a', 254 - 1 - domain.Length)}@{domain}";

        Assert.Equal("email", (await Refused.ByAsync(() => _tenant.SubmitAsync($"a{longest}"))).Field);
        Assert.Equal("email", (await Refused.ByAsync(() => _tenant.SubmitAsync($"{new string('a', 65)}@example.com"))).Field);
        Assert.Equal(longest, (await _tenant.SubmitAsync(longest)).Fields.Email);
    }

    [Theory]
    [InlineData("ada+news@example.com", "ada+news@example.com")]
    [InlineData("o'neill@example.co.uk", "o'neill@example.co.uk")]
    [InlineData("a@b.cd", "a@b.cd")]
    [InlineData("zoë@exämple.de", "zoë@xn--exmple-cua.de")]
    [InlineData("Ada <ada@sub-domain.example.photography>", "ada@sub-domain.example.photography")]
    public async Task An_address_as_people_have_them_is_taken(string sent, string email) =>
        Assert.Equal(email, (await _tenant.SubmitAsync(sent)).Fields.Email);

    [Fact]
    public async Task Fields_left_out_altogether_name_the_address() =>
        Assert.Equal("email", (await Refused.ByAsync(() => _tenant.SubmitAsync(fields: null))).Field);

    [Fact]
    public async Task The_same_idempotency_key_answers_with_the_first_registration()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _tenant.SubmitAsync("ada@example.com", "key-1")));

        Assert.Single(answers.Select(answer => answer.Id).Distinct(StringComparer.Ordinal));
        Assert.Single((await _tenant.ListAsync()).Registrations);
        Assert.NotEqual(answers[0].Id, (await _tenant.SubmitAsync("ada@example.com", "key-2")).Id, StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_same_idempotency_key_with_other_fields_is_refused_and_another_tenants_key_is_another_key()
    {
        await _tenant.SubmitAsync("ada@example.com", "key-1");
        var other = await _campaigns.TenantAsync(connected: false, listSet: false);

        var failure = await Refused.ByAsync(() => _tenant.SubmitAsync("grace@example.com", "key-1"));

        Assert.Equal((FailureKind.Conflict, "idempotency_key_reused"), (failure.Kind, failure.Code));
        Assert.Equal("grace@example.com", (await other.SubmitAsync("grace@example.com", "key-1")).Fields.Email);
    }

    [Fact]
    public async Task An_idempotency_key_has_at_most_200_characters() =>
        Assert.Equal("idempotency_key", (await Refused.ByAsync(() => _tenant.SubmitAsync("ada@example.com", new string('k', 201)))).Field);

    [Fact]
    public async Task Pages_go_through_all_registrations_newest_first()
    {
        var submitted = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            submitted.Add((await _tenant.SubmitAsync($"user{i}@example.com")).Id);
        }

        var pages = new List<ListRegistrationsResponse>();
        do
        {
            pages.Add(await _tenant.ListAsync(pageSize: 3, pageToken: pages.LastOrDefault()?.NextPageToken ?? ""));
        }
        while (pages[^1].NextPageToken.Length > 0);

        Assert.Equal([3, 3, 1], pages.Select(page => page.Registrations.Count));
        Assert.Equal(
            Enumerable.Reverse(submitted),
            pages.SelectMany(page => page.Registrations).Select(registration => registration.Id),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task Registrations_are_found_by_address_and_time_in_either_order()
    {
        var first = await _tenant.SubmitAsync("ada@example.com");
        await _tenant.SubmitAsync("grace@example.com");
        var last = await _tenant.SubmitAsync("Ada@EXAMPLE.com");

        Assert.Equal([last.Id, first.Id], await FoundAsync(new() { Email = " ADA@example.com" }));
        Assert.Equal([first.Id, last.Id], await FoundAsync(new() { Email = "ada@example.com", OrderBy = "created_at asc" }));
        Assert.Equal([last.Id], await FoundAsync(new() { CreatedAfter = last.CreatedAt }));
        Assert.Equal([first.Id], await FoundAsync(new() { Email = "ada@example.com", CreatedBefore = last.CreatedAt }));
        var page = await ListAsync(new() { OrderBy = "created_at asc", PageSize = 2 });
        Assert.Equal([last.Id], await FoundAsync(new() { OrderBy = "created_at asc", PageSize = 2, PageToken = page.NextPageToken }));
        Assert.Equal("email", (await Refused.ByAsync(() => ListAsync(new() { Email = "ada" }))).Field);
        Assert.Equal("order_by", (await Refused.ByAsync(() => ListAsync(new() { OrderBy = "email" }))).Field);

        async Task<IEnumerable<string>> FoundAsync(ListRegistrationsRequest request) => (await ListAsync(request)).Registrations.Select(one => one.Id);

        async Task<ListRegistrationsResponse> ListAsync(ListRegistrationsRequest request) => await _campaigns.Host.Registrations.ListRegistrationsAsync(
            request, _campaigns.Host.TicketOf(_tenant.Id, Role.Viewer));
    }

    [Theory]
    [InlineData(-1, "", "page_size")]
    [InlineData(201, "", "page_size")]
    [InlineData(10, "tampered", "page_token")]
    public async Task A_page_that_cannot_be_is_refused_by_field(int size, string token, string field) =>
        Assert.Equal(field, (await Refused.ByAsync(() => _tenant.ListAsync(pageSize: size, pageToken: token))).Field);

    [Theory]
    [InlineData("not-an-id")]
    [InlineData("0199a000-0000-7000-8000-000000000001")]
    public async Task A_registration_that_does_not_exist_is_not_found(string id) =>
        Assert.Equal(FailureKind.NotFound, (await Refused.ByAsync(() => _tenant.GetAsync(id))).Kind);

    [Fact]
    public async Task Another_tenants_registration_is_not_found_and_not_listed()
    {
        var theirs = await _tenant.SubmitAsync("ada@example.com");
        var other = await _campaigns.TenantAsync(connected: false, listSet: false);

        Assert.Equal(FailureKind.NotFound, (await Refused.ByAsync(() => other.GetAsync(theirs.Id))).Kind);
        Assert.Empty((await other.ListAsync()).Registrations);
    }

    [Fact]
    public async Task A_viewer_may_not_submit() => Assert.Equal(
        FailureKind.Forbidden,
        (await Refused.ByAsync(() => _tenant.SubmitAsync(new RegistrationFields { Email = "ada@example.com" }, role: Role.Viewer))).Kind);

    [Theory]
    [InlineData("registrations")]
    [InlineData("campaigns_settings")]
    [InlineData("subscriptions")]
    [InlineData("push_blocks")]
    public async Task Sql_without_a_tenant_sees_nothing_of_a_tenants_table(string table)
    {
        var ready = await _campaigns.TenantAsync();
        await ready.EventuallyAsync(await ready.SubmitAsync("ada@example.com"), RegistrationStatus.Subscribed);
        await _tenant.EventuallyAsync(await _tenant.SubmitAsync("ada@example.com"), RegistrationStatus.NotConfigured);

        await using var service = _campaigns.Host.Db.DataSource.CreateCommand($"SELECT count(*) FROM {table}");
        await using var owner = NpgsqlDataSource.Create(_campaigns.Database);
        await using var everything = owner.CreateCommand($"SELECT count(*) FROM {table}");

        Assert.Equal(0L, await service.ExecuteScalarAsync());
        Assert.NotEqual(0L, await everything.ExecuteScalarAsync());
    }

    private static RegistrationFields With(string field, string value)
    {
        var fields = new RegistrationFields { Email = "ada@example.com" };
        RegistrationFields.Descriptor.FindFieldByName(field).Accessor.SetValue(fields, value);
        return fields;
    }
}
