using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests;

public sealed class ContactTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Contacts = "/api/v1/campaigns/contacts";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_contact_is_accepted_with_an_id_and_where_to_look()
    {
        SubmitRegistrationRequest? sent = null;
        Caller? caller = null;
        _gateway.Services.Submit = (request, by) =>
        {
            (sent, caller) = (request, by);
            return Task.FromResult(new Registration { Id = "r1", Status = RegistrationStatus.Pending });
        };
        var (tenant, key) = await _gateway.CreateTenantAsync("operator");
        using var client = _gateway.CreateClient(key);

        var answer = await client.PostAsync(
            Contacts,
            new
            {
                email = "ada@example.com",
                first_name = "Ada",
                last_name = "Lovelace",
                country = "United Kingdom",
                company = "Engines",
                phone = "+44",
                preferred_language = "English",
                production_type = "Film",
                category = "Producer",
            },
            ("Idempotency-Key", "registration-1"));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("""{"id":"r1","status":"pending","status_url":"/api/v1/campaigns/contacts/r1"}""", answer.Text);
        Assert.Equal("/api/v1/campaigns/contacts/r1", answer.Header("Location"));
        Assert.Equal(tenant, caller!.Tenant.ToString());
        Assert.Equal(Role.Operator, caller.Role);
        Assert.Equal(
            new SubmitRegistrationRequest
            {
                IdempotencyKey = "registration-1",
                Fields = new()
                {
                    Email = "ada@example.com",
                    FirstName = "Ada",
                    LastName = "Lovelace",
                    Country = "United Kingdom",
                    Company = "Engines",
                    Phone = "+44",
                    PreferredLanguage = "English",
                    ProductionType = "Film",
                    Category = "Producer",
                },
            },
            sent);
    }

    [Fact]
    public async Task A_contact_tells_how_it_fares()
    {
        var created = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        _gateway.Services.GetRegistration = (request, _) => new()
        {
            Id = request.Id,
            Status = RegistrationStatus.Retrying,
            Code = "zoho_unavailable",
            Message = "Zoho does not answer.",
            Attempts = 3,
            Fields = new() { Email = "ada@example.com" },
            CreatedAt = created.ToTimestamp(),
            NextAttemptAt = created.AddMinutes(1).ToTimestamp(),
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Contacts}/r1");

        Assert.Equal(
            """{"id":"r1","status":"retrying","code":"zoho_unavailable","message":"Zoho does not answer.","attempts":3"""
            + ""","next_attempt_at":"2026-11-01T12:01:00Z","created_at":"2026-11-01T12:00:00Z","fields":{"email":"ada@example.com"}}""",
            answer.Text);
    }

    [Fact]
    public async Task Contacts_are_listed_page_by_page_and_by_status()
    {
        ListRegistrationsRequest? asked = null;
        _gateway.Services.ListRegistrations = (request, _) =>
        {
            asked = request;
            return new()
            {
                Registrations = { new Registration { Id = "r1", Status = RegistrationStatus.AlreadySubscribed, Fields = new() { Email = "a@example.com" } } },
                NextPageToken = "more",
            };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Contacts}?status=already_subscribed&page_size=1&page_token=here");

        Assert.Equal(new ListRegistrationsRequest { Status = RegistrationStatus.AlreadySubscribed, PageSize = 1, PageToken = "here" }, asked);
        Assert.Equal("more", answer.Json.GetProperty("next_page_token").GetString());
        Assert.Equal("already_subscribed", answer.Json.GetProperty("contacts")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Contacts_are_found_by_address_and_time()
    {
        ListRegistrationsRequest? asked = null;
        _gateway.Services.ListRegistrations = (request, _) =>
        {
            asked = request;
            return new();
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        await client.GetAsync($"{Contacts}?email=ada%40example.com&from=2026-11-01&to=2026-11-02T12:00:00%2B01:00&order_by=created_at%20asc");

        Assert.Equal(
            new ListRegistrationsRequest
            {
                Email = "ada@example.com",
                CreatedAfter = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
                CreatedBefore = new DateTimeOffset(2026, 11, 2, 11, 0, 0, TimeSpan.Zero).ToTimestamp(),
                OrderBy = "created_at asc",
            },
            asked);
        (await client.GetAsync($"{Contacts}?from=yesterday")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "from");
    }

    [Fact]
    public async Task Rejected_contacts_are_pushed_again_one_or_all()
    {
        RetryRegistrationsRequest? asked = null;
        _gateway.Services.Campaigns.RetryRegistration = request => new()
        {
            Id = request.Id,
            Status = RegistrationStatus.Pending,
            Fields = new() { Email = "ada@example.com" },
        };
        _gateway.Services.Campaigns.RetryRegistrations = request =>
        {
            asked = request;
            return new() { Retried = 1000, HasMore = true };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var one = await client.PostAsync($"{Contacts}/r1/retry");
        var all = await client.PostAsync($"{Contacts}/retry", new { code = "role_address" });

        Assert.Equal("pending", one.Json.GetProperty("status").GetString());
        Assert.Equal("""{"retried":1000,"has_more":true}""", all.Text);
        Assert.Equal(new RetryRegistrationsRequest { Code = "role_address" }, asked);
    }

    [Fact]
    public async Task A_person_is_forgotten_and_let_back_by_an_admin()
    {
        LiftOptOutRequest? asked = null;
        _gateway.Services.Campaigns.ForgetContact = _ => new() { Registrations = 2, SyncContacts = 1 };
        _gateway.Services.Campaigns.LiftOptOut = request =>
        {
            asked = request;
            return new() { Lifted = { "forgotten", "unsubscribed" }, ListKeys = { "3z1" }, ConfirmingListKeys = { "3z2" } };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync();

        var forgotten = await client.PostAsync($"{Contacts}/forget", new { email = "ada@example.com" });
        var lifted = await client.PostAsync($"{Contacts}/lift-opt-out", new { email = "ada@example.com", reason = "By letter." });

        Assert.Equal("""{"contacts":2,"sync_contacts":1}""", forgotten.Text);
        Assert.Equal("""{"lifted":["forgotten","unsubscribed"],"list_keys":["3z1"],"confirming_list_keys":["3z2"]}""", lifted.Text);
        Assert.Equal(new LiftOptOutRequest { Email = "ada@example.com", Reason = "By letter." }, asked);
    }

    [Theory]
    [InlineData("status=unspecified", "status")]
    [InlineData("status=lost", "status")]
    [InlineData("page_size=0", "page_size")]
    [InlineData("page_size=201", "page_size")]
    [InlineData("page_size=many", "page_size")]
    public async Task A_wrong_query_names_its_parameter(string query, string field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync($"{Contacts}?{query}")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Fact]
    public async Task A_field_that_the_service_refuses_is_named()
    {
        _gateway.Services.Submit = (_, _) => throw Failure.InvalidField("email", "email is required.").ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await client.PostAsync(Contacts, new { email = "" })).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "email");
    }

    [Theory]
    [InlineData(FailureKind.Invalid, 400)]
    [InlineData(FailureKind.Unauthenticated, 401)]
    [InlineData(FailureKind.Forbidden, 403)]
    [InlineData(FailureKind.NotFound, 404)]
    [InlineData(FailureKind.Conflict, 409)]
    [InlineData(FailureKind.Precondition, 409)]
    [InlineData(FailureKind.RateLimited, 429)]
    [InlineData(FailureKind.Unavailable, 503)]
    public async Task What_the_service_refuses_keeps_its_code_and_sentence(FailureKind kind, int status)
    {
        _gateway.Services.Campaigns.RetryRegistration = _ =>
            throw new Failure(kind, "some_code", "What to do.") { RetryAfter = TimeSpan.FromMilliseconds(2500) }.ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        var answer = await client.PostAsync($"{Contacts}/r1/retry");

        answer.AssertProblem((HttpStatusCode)status, "some_code");
        Assert.Equal("What to do.", answer.Json.GetProperty("detail").GetString());
        Assert.Equal("3", answer.Header("Retry-After"));
    }

    [Theory]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unimplemented)]
    public async Task A_services_bug_is_told_without_details(StatusCode status)
    {
        _gateway.Services.GetRegistration = (_, _) => throw new RpcException(new Status(status, "NullReferenceException at line 7"));
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Contacts}/r1");

        answer.AssertProblem(HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("NullReference", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_away_is_503_with_when_to_try_again()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var client = await gateway.CreateClientOfNewTenantAsync("operator");
        await gateway.Services.DisposeAsync();

        var answer = await client.PostAsync(Contacts, new { email = "ada@example.com" });

        answer.AssertProblem(HttpStatusCode.ServiceUnavailable, "service_unavailable");
        Assert.NotNull(answer.Header("Retry-After"));
    }
}
