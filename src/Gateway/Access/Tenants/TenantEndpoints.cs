using System.ComponentModel;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Api.Tenants;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.Tenants;

internal static partial class TenantEndpoints
{
    private const string Prefix = "/api/v1/admin/tenants";

    private static readonly Api.Tenants.Tenant Example = new(
        "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061", "north-branch", new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero), null);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapTenants()
        {
            var group = routes.MapGroup(Prefix).WithTags("Admin").RequireAuthorization(Policies.Platform);

            group.MapPost("/", Create)
                .Describe("createTenant", "Make a tenant", "Only the platform key (Bootstrap:AdminKey) may do this.", new NewTenant("north-branch"), Example)
                .Fails(409, 413, 415, 422);
            group.MapGet("/", List)
                .Describe(
                    "listTenants",
                    "List the tenants",
                    "Oldest first. Only the platform key (Bootstrap:AdminKey) may do this.",
                    response: new TenantList([Example], null, 1));
            group.MapGet("/{id}", Get)
                .Describe("getTenant", "One tenant", "Only the platform key (Bootstrap:AdminKey) may do this.", response: Example)
                .Fails(404);
            group.MapDelete("/{id}", Delete)
                .Describe(
                    "deleteTenant",
                    "Delete a tenant with all that is kept of it",
                    "Its keys open nothing from now on (replicas other than the one that answers may know one for 10 seconds more), its grants are taken back at the providers (but for refresh tokens that were brought along: revoke these there), and all "
                    + "services delete what they keep of it but their audit. That takes at least five minutes; the list of tenants shows since when, and "
                    + "it is done when the tenant is gone from there. There is no way back. Only the platform key may do this.",
                    response: Example with { DeletingSince = Example.CreatedAt.AddDays(30) })
                .Fails(404, 409);
            group.MapPost("/{id}/keys", CreateKey)
                .Describe(
                    "createTenantKey",
                    "Make an API key of a tenant",
                    "Its first one, as a rule an admin key, with which the tenant makes its others. Only the platform key may do this.",
                    ApiKeyEndpoints.ExampleRequest,
                    ApiKeyEndpoints.ExampleCreated)
                .Fails(404, 409, 413, 415, 422)
                .WithSecretAnswer();
        }
    }

    private static async Task<Results<Created<Api.Tenants.Tenant>, ProblemResult>> Create(
        NewTenant body, HttpContext http, TenantStore tenants, CancellationToken cancellationToken)
    {
        if (body.Name is null || !TenantName.IsMatch(body.Name))
        {
            return (ProblemResult)Failure.InvalidField(
                "name", "name must have 1 to 63 lower-case letters, digits and hyphens, and begin with a letter or digit.");
        }

        return (await tenants.CreateAsync(http.Caller, body.Name, cancellationToken)).Succeeded(out var tenant, out var failure)
            ? TypedResults.Created($"{Prefix}/{tenant.Id}", ToApi(tenant))
            : (ProblemResult)failure;
    }

    private static async Task<Results<Accepted<Api.Tenants.Tenant>, ProblemResult>> Delete(
        string id, HttpContext http, TenantStore tenants, CancellationToken cancellationToken) =>
        (await tenants.DeleteAsync(http.Caller, IdOf(id), cancellationToken)).Succeeded(out var tenant, out var failure)
            ? TypedResults.Accepted($"{Prefix}/{tenant.Id}", ToApi(tenant))
            : (ProblemResult)failure;

    private static async Task<Results<Ok<TenantList>, ProblemResult>> List(
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        TenantStore tenants,
        CancellationToken cancellationToken)
    {
        var all = await tenants.ListAsync(cancellationToken);
        return BoundedPages.Of(all, pageSize, pageToken, tenant => tenant.Id.ToString()).Succeeded(out var page, out var failure)
            ? TypedResults.Ok(new TenantList([.. page.Page.Select(ToApi)], page.Next, all.Count))
            : (ProblemResult)failure;
    }

    private static async Task<Results<Ok<Api.Tenants.Tenant>, ProblemResult>> Get(
        string id, TenantStore tenants, CancellationToken cancellationToken) =>
        await tenants.FindAsync(IdOf(id), cancellationToken) is { } tenant ? TypedResults.Ok(ToApi(tenant)) : (ProblemResult)TenantStore.NotFound;

    private static async Task<Results<Created<CreatedApiKey>, ProblemResult>> CreateKey(
        string id,
        NewApiKey body,
        HttpContext http,
        TenantStore tenants,
        ApiKeyStore keys,
        KeyConnections connections,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await tenants.CheckAsync(IdOf(id), cancellationToken) is { } unfit)
        {
            return (ProblemResult)unfit;
        }

        var tenant = IdOf(id);
        if (!body.Check(clock.GetUtcNow()).Succeeded(out var wanted, out var failure))
        {
            return (ProblemResult)failure;
        }

        if (!(await connections.CheckAsync(tenant, wanted, cancellationToken)).Succeeded(out var named, out var unknown))
        {
            return (ProblemResult)unknown;
        }

        // where it is found with itself: nobody sees another tenant's keys
        return (await keys.CreateAsync(tenant, wanted, http.Caller, cancellationToken)).Succeeded(out var made, out var full)
            ? TypedResults.Created($"{ApiKeyEndpoints.Prefix}/{made.Key.Id}", made.Key.ToCreated(made.Text, named))
            : (ProblemResult)full;
    }

    private static Api.Tenants.Tenant ToApi(Tenant tenant) => new(tenant.Id.ToString(), tenant.Name, tenant.CreatedAt, tenant.DeletingSince);

    // what is no id is nobody's
    private static TenantId IdOf(string id) => TenantId.TryParse(id, null, out var tenant) ? tenant : TenantId.None;

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TenantName { get; }
}
