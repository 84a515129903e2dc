using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Audit;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using AuditEntry = ZohoPlatform.Api.Audit.AuditEntry;
using Entry = ZohoPlatform.Audit.AuditEntry;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace ZohoPlatform.Gateway.Audit;

internal static class AuditEndpoints
{
    private const int MaxPage = 200;
    private const string LinesOfJson = "application/x-ndjson";

    // what many entries take; every other request has the usual limit
    private static readonly TimeSpan ExportLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan VerificationLimit = TimeSpan.FromMinutes(2);

    private static readonly AuditEntry Example = new(
        "tokens",
        1187,
        "0193a2b4-7a11-7c32-8d90-5e6f70819203",
        new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero),
        "key:k3v9x2m8q7t1c5b0",
        "192.0.2.7",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "settings.changed",
        "settings:zoho",
        JsonElement.Parse("""{"region":{"before":"us","after":"eu"}}"""));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAudit()
        {
            var group = routes.MapGroup("/api/v1/audit").WithTags("Audit").RequireAuthorization(Policies.Admin);

            group.MapGet("/", List)
                .Describe(
                    "listAuditRecords",
                    "Who did what, newest first",
                    "Changes of keys, tenants, settings, connections, lists, syncs, webhooks, exports of data, and every hand-out of an access token, "
                        + "of all services in one order. Hand-outs are gathered and may come some seconds late: who polls goes by feed. "
                        + "Role needed: admin.",
                    response: new AuditPage([Example], "1763717400000000-tokens-1187"));
            group.MapGet("/feed", Follow)
                .Describe(
                    "followAuditRecords",
                    "What was written since you looked",
                    "For who copies the audit elsewhere by polling: each service's entries in the order in which they were written, beginning after "
                        + "those of the cursor that the answer before ended with. Nothing is missed and nothing comes twice, however late an entry "
                        + "is written. An answer without entries means that nothing is new; its cursor is as good as the one before. Role needed: admin.",
                    response: new AuditFeed([Example], "dG9rZW5zOjExODc"));
            group.MapGet("/export", Export)
                .Describe(
                    "exportAuditRecords",
                    "All entries that match, oldest first",
                    "One JSON object per line (application/x-ndjson), for at most 10 minutes. A connection that ends early means an "
                        + "incomplete export. The export is itself an entry, audit.exported. Role needed: admin.",
                    response: Example)
                .Produces<AuditEntry>(StatusCodes.Status200OK, LinesOfJson)
                .MayTake(ExportLimit)
                .IsDownload();
            group.MapGet("/verify", Verify)
                .Describe(
                    "verifyAudit",
                    "Check that the audit is as it was written",
                    "Computes every service's chain of hashes again and names the first place that does not fit. Ends that were cut off show, because "
                        + "the gateway keeps where the other services' chains ended; send what you kept yourself as known. A service that does "
                        + "not answer is missing, and then the whole is not intact. Role needed: admin.",
                    response: new AuditVerification(
                        true,
                        [new("tokens", ChainState.Intact, 1187, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", null, null)]))
                .MayTake(VerificationLimit);
        }
    }

    private static async Task<Results<Ok<AuditPage>, ProblemResult>> List(
        [AsParameters] AuditQuery query,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        AuditSources audit)
    {
        if (!query.ToFilter().Succeeded(out var filter, out var failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await audit.ListAsync(call, query.Service, new() { Filter = filter, PageSize = size, PageToken = pageToken ?? "" });
        return TypedResults.Ok(new AuditPage(
            [.. page.Entries.Select(entry => entry.ToApi())], ContractValues.OrNull(page.NextPageToken)));
    }

    private static async Task<Results<Ok<AuditFeed>, ProblemResult>> Follow(
        [AsParameters] AuditQuery query,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [Description("cursor of the answer before; absent, it begins with the first entry.")] string? after,
        ServiceCall call,
        AuditSources audit)
    {
        if (!query.ToFilter().Succeeded(out var filter, out var failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure)
            || !AuditCursor.Parse(after).Succeeded(out var seen, out failure))
        {
            return (ProblemResult)failure;
        }

        var (entries, cursor) = await audit.FollowAsync(call, query.Service, filter, size, seen);
        return TypedResults.Ok(new AuditFeed([.. entries.Select(entry => entry.ToApi())], cursor.ToString()));
    }

    private static async Task<IResult> Export(
        [AsParameters] AuditQuery query,
        HttpContext http,
        ServiceCall call,
        AuditSources audit,
        TenantDb<GatewayDbContext> database,
        TimeProvider clock,
        IOptions<JsonOptions> json)
    {
        if (!query.ToFilter().Succeeded(out var filter, out var failure))
        {
            return (ProblemResult)failure;
        }

        var cancellationToken = http.RequestAborted;
        await using var entries = audit.ExportAsync(call, ExportLimit, query.Service, filter, cancellationToken).GetAsyncEnumerator(cancellationToken);
        // what is refused is refused before the first line is out: after it, only the connection can be broken off
        var more = await entries.MoveNextAsync();
        await NoteExportAsync(database, call.Caller, clock.GetUtcNow(), query.ToAudit(), cancellationToken);

        http.Response.ContentType = LinesOfJson;
        while (more)
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(entries.Current.ToApi(), json.Value.SerializerOptions);
            await http.Response.Body.WriteAsync(line, cancellationToken);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
            more = await entries.MoveNextAsync();
        }

        return TypedResults.Empty;
    }

    private static async Task NoteExportAsync(
        TenantDb<GatewayDbContext> database, Caller caller, DateTimeOffset now, object filter, CancellationToken cancellationToken)
    {
        await using var context = database.For(caller.Tenant);
        context.Audit(Entry.Of(caller, now, AuditActions.AuditExported, "audit", filter));
        await context.SaveChangesAsync(cancellationToken);
    }

    private static async Task<Results<Ok<AuditVerification>, ProblemResult>> Verify(
        [Description("service:last_sequence:last_hash of an earlier answer; may be repeated.")] string[]? known,
        ServiceCall call,
        AuditSources audit)
    {
        if (!AuditMapping.KnownOf(known).Succeeded(out var points, out var failure))
        {
            return (ProblemResult)failure;
        }

        var chains = (await audit.VerifyAsync(call, VerificationLimit, points.ToLookup(one => one.Service, one => one.Point, StringComparer.Ordinal)))
            .Select(one => one.Chain?.ToApi(one.Service)
                ?? new VerifiedChain(one.Service, ChainState.Missing, 0, LastHash: null, Broken: null, one.Missing?.Message))
            .ToList();
        // what nobody was held against would pass for intact
        if (points.FirstOrDefault(point => !chains.Exists(chain => chain.Service == point.Service)) is { Service: not null })
        {
            return (ProblemResult)Failure.InvalidField(
                "known", $"known begins with a service that has no audit; there are {string.Join(", ", chains.Select(chain => chain.Service))}.");
        }

        return TypedResults.Ok(new AuditVerification(chains.TrueForAll(chain => chain.State is ChainState.Intact), chains));
    }
}
