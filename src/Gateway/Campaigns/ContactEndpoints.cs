using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Campaigns.Results;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;

namespace ZohoPlatform.Gateway.Campaigns;

internal static class ContactEndpoints
{
    private const string Prefix = "/api/v1/campaigns/contacts";
    private const int MaxPage = 200;

    private static readonly ContactFields ExampleFields = new("ada@example.com")
    {
        FirstName = "Ada",
        LastName = "Lovelace",
        Country = "United Kingdom",
        Company = "Analytical Engines",
        Phone = "+44 20 7946 0000",
        PreferredLanguage = "English",
        ProductionType = "Film",
        Category = "Producer",
    };

    private static readonly Contact Example = new(
        "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061",
        ContactStatus.Subscribed,
        null,
        null,
        1,
        null,
        new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero),
        new DateTimeOffset(2026, 11, 21, 9, 30, 2, TimeSpan.Zero),
        ExampleFields);

    private const string Forgets =
        "Deletes what the platform keeps of the person: every contact of the address, what is known of lists, the name in syncs that have ended. "
        + "A keyed hash stays, by which the address is not brought onto a list again. What Zoho holds is not touched; answers of Zoho that are kept end "
        + "within 5 minutes, uploaded files within a day.";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapContacts()
        {
            var group = routes.MapGroup(Prefix).WithTags("Campaigns");

            group.MapPost("/", Submit).RequireAuthorization(Policies.Operator)
                .Describe(
                    "submitContact",
                    "Push a registered user to the mailing list",
                    "Stored and answered at once; Zoho is told afterwards, again and again until it took the contact. Role needed: operator.",
                    ExampleFields,
                    new AcceptedContact(Example.Id, ContactStatus.Pending, $"{Prefix}/{Example.Id}"))
                .Fails(409, 413, 415, 422);
            group.MapGet("/", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listContacts",
                    "List contacts, newest first",
                    "By status, mail address or the time at which they were submitted. Role needed: viewer.",
                    response: new ContactPage([Example], "eyJhZnRlciI6IjAxOTNhMmI0In0"));
            group.MapGet("/{id}", Get).RequireAuthorization(Policies.Viewer)
                .Describe("getContact", "How one contact fares", "Role needed: viewer.", response: Example)
                .Fails(404);
            group.MapPost("/{id}/retry", Retry).RequireAuthorization(Policies.Operator)
                .Describe(
                    "retryContact",
                    "Push a rejected contact again",
                    "Once something was set right at Zoho. What waits is pushed by itself. Role needed: operator.",
                    response: Example with { Status = ContactStatus.Pending, Attempts = 1 })
                .Fails(404, 409, 422);
            group.MapPost("/retry", RetryAll).RequireAuthorization(Policies.Operator)
                .Describe(
                    "retryContacts",
                    "Push all rejected contacts again",
                    "Or those of one code; the oldest first, 1,000 by one call. Role needed: operator.",
                    new RejectedContacts { Code = "role_address" },
                    new RetriedContacts(12, false))
                .Fails(413, 415, 422);
            group.MapDelete("/{id}", ForgetRegistered).RequireAuthorization(Policies.Admin)
                .Describe("forgetContact", "Forget the person behind a contact", $"{Forgets} Role needed: admin.")
                .Fails(404, 409);
            group.MapPost("/lift-opt-out", LiftOptOut).RequireAuthorization(Policies.Admin)
                .Describe(
                    "liftOptOut",
                    "Let a person be written to again",
                    "For one who was forgotten, unsubscribed or put on Do-Not-Mail through the platform and wants back: contacts of the "
                    + "address are pushed again. Zoho is told first where it was told that they left. It takes nobody back without a list: "
                    + "that is the one they were taken off, or after Do-Not-Mail the list of the settings, whether or not they were on it; "
                    + "where that has a sign-up form it mails them. "
                    + "404 where the platform knows of nothing, as after a first success. Role needed: admin.",
                    new LiftedOptOut("ada@example.com", "Asked for it by letter of 3 November."),
                    new LiftedOptOuts(["unsubscribed"], ["3z2e5d1f4b"], []))
                .Fails(404, 409, 413, 415, 422)
                .MayTake(ZohoReads.Limit);
            group.MapPost("/forget", Forget).RequireAuthorization(Policies.Admin)
                .Describe(
                    "forgetAddress",
                    "Forget the person of an address",
                    $"{Forgets} Also where nothing is known of the address. It is in the body: addresses of requests end in logs. Role needed: admin.",
                    new ForgottenAddress("ada@example.com"),
                    new ForgottenContact(2, 1))
                .Fails(409, 413, 415, 422);
        }
    }

    private static async Task<Accepted<AcceptedContact>> Submit(
        ContactFields body, HttpRequest http, ServiceCall call, Registrations.RegistrationsClient registrations)
    {
        var registration = await registrations.SubmitRegistrationAsync(
            new() { Fields = body.ToContract(), IdempotencyKey = http.Headers[IdempotentRequests.HeaderName].ToString() },
            call.Options);
        var url = UrlOf(registration.Id);
        return TypedResults.Accepted(url, new AcceptedContact(registration.Id, registration.Status.As<ContactStatus>(), url));
    }

    private static async Task<Results<Ok<ContactPage>, ProblemResult>> List(
        [Description("Only those with this status.")] string? status,
        [Description("Only those of this mail address, in any spelling.")] string? email,
        [Description("Only those that were submitted then or later (RFC 3339).")] string? from,
        [Description("Only those that were submitted before (RFC 3339).")] string? to,
        [FromQuery(Name = "order_by"), Description("created_at desc, or created_at asc; the first when absent.")] string? orderBy,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        Registrations.RegistrationsClient registrations)
    {
        if (!QueryValues.OneOf<RegistrationStatus>("status", status).Succeeded(out var wanted, out var failure)
            || !QueryValues.Time("from", from).Succeeded(out var start, out failure)
            || !QueryValues.Time("to", to).Succeeded(out var end, out failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await registrations.ListRegistrationsAsync(
            new()
            {
                Status = wanted,
                Email = email ?? "",
                CreatedAfter = start.At,
                CreatedBefore = end.At,
                OrderBy = orderBy ?? "",
                PageSize = size,
                PageToken = pageToken ?? "",
            },
            call.Options);
        return TypedResults.Ok(new ContactPage(
            [.. page.Registrations.Select(registration => registration.ToApi())],
            ContractValues.OrNull(page.NextPageToken)));
    }

    private static async Task<Ok<Contact>> Retry(string id, ServiceCall call, Registrations.RegistrationsClient registrations) =>
        TypedResults.Ok((await registrations.RetryRegistrationAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<RetriedContacts>> RetryAll(
        RejectedContacts body, ServiceCall call, Registrations.RegistrationsClient registrations)
    {
        var answer = await registrations.RetryRegistrationsAsync(new() { Code = body.Code ?? "" }, call.Options);
        return TypedResults.Ok(new RetriedContacts(answer.Retried, answer.HasMore));
    }

    private static async Task<NoContent> ForgetRegistered(
        string id, ServiceCall call, Contacts.ContactsClient contacts, IdempotencyStore answers)
    {
        // first of all, so that a repetition does it that finds no contact any more
        await ForgetAnswersAsync(answers, call, [id]);
        var forgotten = await contacts.ForgetContactAsync(new() { RegistrationId = id }, call.Options);
        await ForgetAnswersAsync(answers, call, forgotten.KeptRegistrationIds);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ForgottenContact>> Forget(
        ForgottenAddress body, ServiceCall call, Contacts.ContactsClient contacts, IdempotencyStore answers)
    {
        var forgotten = await contacts.ForgetContactAsync(new() { Email = body.Email ?? "" }, call.Options);
        await ForgetAnswersAsync(answers, call, forgotten.KeptRegistrationIds);
        return TypedResults.Ok(new ForgottenContact(forgotten.Registrations, forgotten.SyncContacts));
    }

    private static async Task<Ok<LiftedOptOuts>> LiftOptOut(LiftedOptOut body, ServiceCall call, Contacts.ContactsClient contacts)
    {
        var answer = await contacts.LiftOptOutAsync(
            new() { Email = body.Email ?? "", Reason = body.Reason ?? "" }, call.Within(ZohoReads.Limit));
        return TypedResults.Ok(new LiftedOptOuts([.. answer.Lifted], [.. answer.ListKeys], [.. answer.ConfirmingListKeys]));
    }

    // an answer that was kept for an Idempotency-Key names the contact that it told of
    private static Task ForgetAnswersAsync(IdempotencyStore answers, ServiceCall call, IReadOnlyList<string> ids) =>
        answers.ForgetAsync(call.Caller.Tenant, [.. ids.Select(UrlOf)], call.Options.CancellationToken);

    private static string UrlOf(string id) => $"{Prefix}/{id}";

    private static async Task<Ok<Contact>> Get(string id, ServiceCall call, Registrations.RegistrationsClient registrations) =>
        TypedResults.Ok((await registrations.GetRegistrationAsync(new() { Id = id }, call.Options)).ToApi());
}
