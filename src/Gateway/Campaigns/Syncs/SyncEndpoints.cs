using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ContractState = ZohoPlatform.Contracts.Campaigns.V1.SyncState;
using SyncsClient = ZohoPlatform.Contracts.Campaigns.V1.Syncs.SyncsClient;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

internal static class SyncEndpoints
{
    private const string Prefix = "/api/v1/campaigns/syncs";
    private const int MaxPage = 200;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapSyncs()
        {
            routes.MapSourceUpload();

            var group = routes.MapGroup(Prefix).WithTags("Campaigns syncs");

            group.MapPost("/", Create).RequireAuthorization(Policies.Operator)
                .Describe(
                    "createSync",
                    "Sync users who existed before",
                    "Makes a job of it and answers at once. Try it with dry_run first: it writes nothing at Zoho. Contacts who have "
                        + "unsubscribed stay so unless consent.resubscribe says otherwise, with a reason. Columns that look as if they said who "
                        + "may be written to must be mapped, in filters or in ignored_columns (code consent_column_open); a dry run lists them "
                        + "in consent_columns. Role needed: operator; admin "
                        + "where the source is a table or consent.resubscribe is true.",
                    SyncExamples.Request,
                    new AcceptedSync(SyncExamples.Id, SyncState.Queued, $"{Prefix}/{SyncExamples.Id}"))
                .Fails(404, 409, 413, 415, 422);
            group.MapGet("/", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listSyncs",
                    "List syncs, newest first",
                    "By state, source or who made them. Role needed: viewer.",
                    response: new SyncPage([SyncExamples.Running], "eyJhZnRlciI6IjAxOTNhMmI0In0", 1));
            group.MapGet("/{id}", Get).RequireAuthorization(Policies.Viewer)
                .Describe("getSync", "How a sync fares", "Role needed: viewer.", response: SyncExamples.Running)
                .Fails(404);
            group.MapSyncEvents();
            group.MapPost("/{id}/pause", Pause).RequireAuthorization(Policies.Operator)
                .Describe(
                    "pauseSync",
                    "Pause a sync",
                    "What is on its way to Zoho is finished first. Role needed: operator.",
                    response: SyncExamples.Running with { State = SyncState.Paused, Code = "paused_by_request", Message = "Resume it to go on." })
                .Fails(404, 409, 422);
            group.MapPost("/{id}/resume", Resume).RequireAuthorization(Policies.Operator)
                .Describe("resumeSync", "Let a paused sync go on", "Role needed: operator.", response: SyncExamples.Running)
                .Fails(404, 409, 422);
            group.MapPost("/{id}/cancel", Cancel).RequireAuthorization(Policies.Operator)
                .Describe(
                    "cancelSync",
                    "Cancel a sync",
                    "What was pushed stays pushed; what was not is not any more. Role needed: operator.",
                    response: SyncExamples.Running with { State = SyncState.Cancelled, Code = null, Message = null, ResumesAt = null })
                .Fails(404, 409, 422);
            group.MapDelete("/{id}", Delete).RequireAuthorization(Policies.Admin)
                .Describe(
                    "deleteSync",
                    "Delete a sync that has ended",
                    "With its ledger: nobody can tell afterwards what became of each contact; the audit says that there was a sync. What was pushed stays "
                        + "pushed. A tenant keeps 1,000 syncs with 10,000,000 rows in all (codes syncs_full, ledgers_full); dry runs go by themselves a "
                        + "day after their end (expires_at). Role needed: admin.")
                .Fails(404, 409);
            group.MapSyncLedger();
        }
    }

    private static async Task<Results<Accepted<AcceptedSync>, ProblemResult>> Create(
        NewSync body, HttpRequest http, ServiceCall call, SyncsClient syncs)
    {
        if (body.NeedsAdmin() && call.Caller.Role < Role.Admin)
        {
            return (ProblemResult)AdminNeeded(call.Caller.Role);
        }

        if (!body.ToContract(http.Headers[IdempotentRequests.HeaderName].ToString()).Succeeded(out var request, out var failure))
        {
            return (ProblemResult)failure;
        }

        var sync = await syncs.CreateSyncAsync(request, call.Options);
        var url = UrlOf(sync.Id);
        return TypedResults.Accepted(url, new AcceptedSync(sync.Id, sync.State.As<SyncState>(), url));
    }

    private static string UrlOf(string id) => $"{Prefix}/{id}";

    private static async Task<Results<Ok<SyncPage>, ProblemResult>> List(
        [Description("Only those in this state.")] string? state,
        [Description("Only those with this in the name of their source, in any case.")] string? source,
        [FromQuery(Name = "created_by"), Description("Only those that this caller made, as the audit names callers: key:abc.")] string? createdBy,
        [FromQuery(Name = "order_by"), Description("created_at desc, or created_at asc; the first when absent.")] string? orderBy,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        SyncsClient syncs)
    {
        if (!QueryValues.OneOf<ContractState>("state", state).Succeeded(out var wanted, out var failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await syncs.ListSyncsAsync(
            new()
            {
                State = wanted,
                Source = source ?? "",
                CreatedBy = createdBy ?? "",
                OrderBy = orderBy ?? "",
                PageSize = size,
                PageToken = pageToken ?? "",
            },
            call.Options);
        return TypedResults.Ok(new SyncPage(
            [.. page.Syncs.Select(sync => sync.ToApi())], ContractValues.OrNull(page.NextPageToken), page.Total));
    }

    private static async Task<Ok<Sync>> Get(string id, ServiceCall call, SyncsClient syncs) =>
        TypedResults.Ok((await syncs.GetSyncAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<Sync>> Pause(string id, ServiceCall call, SyncsClient syncs) =>
        TypedResults.Ok((await syncs.PauseSyncAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<Sync>> Resume(string id, ServiceCall call, SyncsClient syncs) =>
        TypedResults.Ok((await syncs.ResumeSyncAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<Ok<Sync>> Cancel(string id, ServiceCall call, SyncsClient syncs) =>
        TypedResults.Ok((await syncs.CancelSyncAsync(new() { Id = id }, call.Options)).ToApi());

    private static async Task<NoContent> Delete(string id, ServiceCall call, SyncsClient syncs, IdempotencyStore answers)
    {
        await syncs.DeleteSyncAsync(new() { Id = id }, call.Options);
        // whoever made it under an Idempotency-Key may make another one
        var made = Guid.TryParse(id, out var sync) ? sync.ToString() : id;
        await answers.ForgetAsync(call.Caller.Tenant, [UrlOf(made)], call.Options.CancellationToken);
        return TypedResults.NoContent();
    }

    private static Failure AdminNeeded(Role has) => new(
        FailureKind.Forbidden,
        "role_missing",
        "Reading a database and mailing people who have unsubscribed need the role admin, and the caller's is "
            + $"{has.ToString().ToLowerInvariant()}: use an admin key, or upload a file.");
}
