using System.Net;
using System.Net.Http.Json;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Gateway.Tests;

public sealed class IdempotencyTests(SharedGateway shared) : IClassFixture<SharedGateway>, IAsyncLifetime
{
    private const string Contacts = "/api/v1/campaigns/contacts";
    private const string Keys = "/api/v1/admin/keys";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly object Ada = new { email = "ada@example.com" };

    private readonly GatewayHost _gateway = shared.Host;
    private RestClient _client = null!;
    private int _submitted;

    public async Task InitializeAsync()
    {
        _client = await _gateway.CreateClientOfNewTenantAsync();
        _gateway.Services.Submit = (_, _) => Task.FromResult(
            new Registration { Id = $"r{Interlocked.Increment(ref _submitted)}", Status = RegistrationStatus.Pending });
    }

    public Task DisposeAsync()
    {
        _client.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_repeated_request_gets_the_first_answer_and_is_done_once()
    {
        var first = await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        var second = await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));

        Assert.Equal(1, _submitted);
        Assert.Equal(HttpStatusCode.Accepted, second.Status);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Header("Location"), second.Header("Location"));
        Assert.Equal(first.Header("Content-Type"), second.Header("Content-Type"));
        Assert.Null(first.Header("Idempotency-Replayed"));
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task Fields_in_another_order_and_with_other_spaces_and_escapes_are_the_same_request()
    {
        var first = await _client.PostTextAsync(
            Contacts, """{"email":"ada@example.com","first_name":"Ada"}""", ("Idempotency-Key", "one"));
        var second = await _client.PostTextAsync(
            Contacts, "{ \"first_name\" : \"\\u0041da\",\n\"email\" : \"ada@example.com\" }", ("Idempotency-Key", "one"));
        var other = await _client.PostTextAsync(
            Contacts, """{"email":"Ada","first_name":"ada@example.com"}""", ("Idempotency-Key", "one"));

        Assert.Equal((HttpStatusCode.Accepted, first.Text, "true"), (second.Status, second.Text, second.Header("Idempotency-Replayed")));
        other.AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        Assert.Equal(1, _submitted);
    }

    [Fact]
    public async Task A_repetition_to_another_replica_gets_the_first_answer_too()
    {
        await using var replica = _gateway.Replica();
        var (_, key) = await _gateway.CreateTenantAsync();
        using var here = _gateway.CreateClient(key);
        using var there = replica.CreateClient(key);

        var first = await here.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        var second = await there.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));

        Assert.Equal((1, first.Text), (_submitted, second.Text));
    }

    [Fact]
    public async Task An_answer_goes_with_the_contact_that_it_told_of()
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();
        var contact = (await admin.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))).Json.GetProperty("id").GetString()!;
        var stays = await admin.PostAsync(Contacts, Ada, ("Idempotency-Key", "two"));
        _gateway.Services.Campaigns.ForgetContact = request => request.WhoCase is ForgetContactRequest.WhoOneofCase.Email
            ? new() { KeptRegistrationIds = { contact } }
            : throw new Failure(FailureKind.NotFound, "registration_not_found", "There is none.").ToRpcException();

        await admin.PostAsync($"{Contacts}/forget", Ada);
        var again = (await admin.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))).Json.GetProperty("id").GetString()!;
        // what is left of a forgetting that was cut off is gone when it is asked for again
        (await admin.DeleteAsync($"{Contacts}/{again}")).AssertProblem(HttpStatusCode.NotFound, "registration_not_found");
        var third = (await admin.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))).Json.GetProperty("id").GetString();

        Assert.Equal(3, new[] { contact, again, third }.Distinct().Count());
        Assert.Equal(stays.Text, (await admin.PostAsync(Contacts, Ada, ("Idempotency-Key", "two"))).Text);
    }

    [Fact]
    public async Task Without_a_key_and_with_another_key_it_is_another_request()
    {
        await _client.PostAsync(Contacts, Ada);
        await _client.PostAsync(Contacts, Ada);
        await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "two"));

        Assert.Equal(4, _submitted);
    }

    [Fact]
    public async Task A_key_of_another_tenant_is_another_key()
    {
        using var other = await _gateway.CreateClientOfNewTenantAsync();

        await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        await other.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));

        Assert.Equal(2, _submitted);
    }

    [Fact]
    public async Task A_key_used_for_another_body_or_address_is_422()
    {
        await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));

        (await _client.PostAsync(Contacts, new { email = "bob@example.com" }, ("Idempotency-Key", "one")))
            .AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        (await _client.PostAsync(Keys, Ada, ("Idempotency-Key", "one")))
            .AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Of_many_at_once_one_runs_and_the_others_are_told_to_wait()
    {
        var running = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        _gateway.Services.Submit = async (_, _) =>
        {
            running.TrySetResult();
            await finish.Task;
            return new Registration { Id = $"r{Interlocked.Increment(ref _submitted)}", Status = RegistrationStatus.Pending };
        };

        var first = _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        await running.Task.WaitAsync(Patience);
        var others = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))));
        finish.SetResult();

        Assert.All(others, other =>
        {
            other.AssertProblem(HttpStatusCode.Conflict, "idempotency_in_progress");
            Assert.NotNull(other.Header("Retry-After"));
        });
        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
        Assert.Equal(1, _submitted);
    }

    [Fact]
    public async Task A_client_that_gives_up_waiting_gets_the_answer_when_it_asks_again()
    {
        var (began, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        _gateway.Services.Submit = async (_, _) =>
        {
            began.TrySetResult();
            await mayEnd.Task.WaitAsync(Patience);
            return new Registration { Id = $"r{Interlocked.Increment(ref _submitted)}", Status = RegistrationStatus.Pending };
        };
        using (var leaving = new CancellationTokenSource())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Contacts) { Content = JsonContent.Create(Ada) };
            request.Headers.Add("Idempotency-Key", "gives-up");
            var asked = _client.Http.SendAsync(request, leaving.Token);
            await began.Task.WaitAsync(Patience);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        mayEnd.SetResult();
        var again = await Eventually.GetAsync(
            () => _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "gives-up")), answer => answer.Status is HttpStatusCode.Accepted);

        Assert.Equal((1, "true"), (_submitted, again.Header("Idempotency-Replayed")));
    }

    [Fact]
    public async Task Another_owners_key_is_shown_no_answer()
    {
        var ada = await OwnersKeyAsync("ada");
        var bob = await OwnersKeyAsync("bob");

        Assert.Equal(HttpStatusCode.Accepted, (await ada.PostAsync(Contacts, Ada, ("Idempotency-Key", "owned"))).Status);
        (await bob.PostAsync(Contacts, Ada, ("Idempotency-Key", "owned"))).AssertProblem(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_request_that_failed_frees_its_key()
    {
        var submit = _gateway.Services.Submit;
        _gateway.Services.Submit = (_, _) => throw Failure.InvalidField("email", "email is not a mail address.").ToRpcException();
        (await _client.PostAsync(Contacts, new { email = "ada" }, ("Idempotency-Key", "one"))).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "email");
        _gateway.Services.Submit = submit;

        Assert.Equal(HttpStatusCode.Accepted, (await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))).Status);
    }

    [Fact]
    public async Task A_request_whose_replica_died_is_taken_over_after_a_minute()
    {
        var held = new TaskCompletionSource();
        var running = new TaskCompletionSource();
        var submit = _gateway.Services.Submit!;
        _gateway.Services.Submit = async (_, _) =>
        {
            running.SetResult();
            await held.Task;
            return new Registration { Id = "late", Status = RegistrationStatus.Pending };
        };
        var first = _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        await running.Task.WaitAsync(Patience);
        _gateway.Services.Submit = submit;

        _gateway.Clock.Skip(IdempotencyStore.TakeOverAfter + TimeSpan.FromSeconds(1));
        var second = await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));
        held.SetResult();
        await first;

        Assert.Equal(HttpStatusCode.Accepted, second.Status);
        // the late first one does not overwrite the answer that was given
        Assert.Equal(second.Text, (await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))).Text);
    }

    [Fact]
    public async Task After_a_day_a_key_is_as_good_as_new()
    {
        await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));

        _gateway.Clock.Skip(IdempotencyStore.Kept + TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.Accepted, (await _client.PostAsync(Contacts, new { email = "bob@example.com" }, ("Idempotency-Key", "one"))).Status);
        Assert.Equal(2, _submitted);
    }

    [Fact]
    public async Task A_secret_is_not_replayed()
    {
        var body = new { name = "shop", role = "viewer" };
        var first = await _client.PostAsync(Keys, body, ("Idempotency-Key", "one"));

        var second = await _client.PostAsync(Keys, body, ("Idempotency-Key", "one"));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        second.AssertProblem(HttpStatusCode.Conflict, "idempotency_key_used");
        Assert.Equal(2, (await _client.GetAsync(Keys)).Json.GetProperty("keys").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("tab\tulator")]
    public async Task A_key_is_visible_ascii(string key) =>
        (await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", key))).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "Idempotency-Key");

    [Fact]
    public async Task A_key_has_at_most_200_characters()
    {
        Assert.Equal(HttpStatusCode.Accepted, (await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", new string('k', 200)))).Status);
        (await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", new string('k', 201))))
            .AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "Idempotency-Key");
    }

    [Fact]
    public async Task A_viewer_is_refused_before_any_answer_is_replayed()
    {
        using var viewer = _gateway.CreateClient(
            (await _client.PostAsync(Keys, new { name = "reader", role = "viewer" })).Json.GetProperty("key").GetString());
        await _client.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"));

        (await viewer.PostAsync(Contacts, Ada, ("Idempotency-Key", "one"))).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
    }

    private async Task<RestClient> OwnersKeyAsync(string owner) => _gateway.CreateClient(
        (await _client.PostAsync(Keys, new { name = owner, role = "operator", owner })).Json.GetProperty("key").GetString());
}
