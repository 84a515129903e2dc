using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using Contract = ZohoPlatform.Contracts.Audit.V1;
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
        1187,
        "0193a2b4-7a11-7c32-8d90-5e6f70819203",
        new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero),
        "service:campaigns",
        "token.handed_out",
        "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061",
        JsonElement.Parse("""{"purpose":"campaigns push","expires_at":"2026-11-21T10:25:00+00:00"}"""));

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAudit()
        {
            var group = routes.MapGroup("/api/v1/audit").WithTags("Audit").RequireAuthorization(Policies.Admin);

            group.MapGet("/", List)
                .Describe(
                    "Who did what, newest first",
                    "Connects, deletions, revocations, changed settings, and every hand-out of an access token. Role needed: admin.",
                    response: new AuditPage([Example], "1187"))
                .Fails(400);
            group.MapGet("/export", Export)
                .Describe(
                    "All entries that match, oldest first",
                    "One JSON object per line (application/x-ndjson), for at most 10 minutes. A connection that ends early means an "
                        + "incomplete export: compare the last sequence. Role needed: admin.",
                    response: Example)
                .Produces<AuditEntry>(StatusCodes.Status200OK, LinesOfJson)
                .Fails(400)
                .MayTake(ExportLimit);
            group.MapGet("/verify", Verify)
                .Describe(
                    "Check that the audit is as it was written",
                    "Computes the whole chain of hashes again and names the first link that does not fit. Give the last_sequence and "
                        + "last_hash of an earlier answer, kept elsewhere, to see an end that was cut off too. Role needed: admin.",
                    response: new AuditVerification(
                        true, 1187, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", null))
                .Fails(400)
                .MayTake(VerificationLimit);
        }
    }

    private static async Task<Results<Ok<AuditPage>, ProblemResult>> List(
        [FromQuery(Name = "connection_id"), Description("Only entries of this connection.")] string? connectionId,
        [Description("Only entries with this action.")] string? action,
        [Description("Not before this time (RFC 3339).")] string? from,
        [Description("Before this time (RFC 3339).")] string? to,
        [FromQuery(Name = "page_size"), Description("1 to 200; 50 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        ServiceCall call,
        Contract.AuditLog.AuditLogClient audit)
    {
        if (!FilterOf(connectionId, action, from, to).Succeeded(out var filter, out var failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await audit.ListEntriesAsync(new() { Filter = filter, PageSize = size, PageToken = pageToken ?? "" }, call.Options);
        return TypedResults.Ok(new AuditPage(
            [.. page.Entries.Select(entry => entry.ToApi())], ContractValues.OrNull(page.NextPageToken)));
    }

    private static async Task<IResult> Export(
        [FromQuery(Name = "connection_id"), Description("Only entries of this connection.")] string? connectionId,
        [Description("Only entries with this action.")] string? action,
        [Description("Not before this time (RFC 3339).")] string? from,
        [Description("Before this time (RFC 3339).")] string? to,
        HttpContext http,
        ServiceCall call,
        Contract.AuditLog.AuditLogClient audit,
        IOptions<JsonOptions> json)
    {
        if (!FilterOf(connectionId, action, from, to).Succeeded(out var filter, out var failure))
        {
            return (ProblemResult)failure;
        }

        var cancellationToken = http.RequestAborted;
        using var export = audit.ExportEntries(new() { Filter = filter }, call.Within(ExportLimit));
        // what is refused is refused before the first line is out: after it, only the connection can be broken off
        var more = await export.ResponseStream.MoveNext(cancellationToken);

        http.Response.ContentType = LinesOfJson;
        while (more)
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(export.ResponseStream.Current.ToApi(), json.Value.SerializerOptions);
            await http.Response.Body.WriteAsync(line, cancellationToken);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
            more = await export.ResponseStream.MoveNext(cancellationToken);
        }

        return TypedResults.Empty;
    }

    private static async Task<Results<Ok<AuditVerification>, ProblemResult>> Verify(
        [FromQuery(Name = "known_sequence"), Description("last_sequence of an earlier answer.")] string? knownSequence,
        [FromQuery(Name = "known_hash"), Description("last_hash of the same answer.")] string? knownHash,
        ServiceCall call,
        Contract.AuditLog.AuditLogClient audit)
    {
        var sequence = 0L;
        if (knownSequence is not null && !long.TryParse(knownSequence, NumberStyles.None, CultureInfo.InvariantCulture, out sequence))
        {
            return (ProblemResult)Failure.InvalidField("known_sequence", "known_sequence must be the last_sequence of an earlier answer.");
        }

        return TypedResults.Ok((await audit.VerifyChainAsync(
            sequence == 0 ? new() : new() { Known = { new Contract.ChainPoint { Sequence = sequence, Hash = knownHash ?? "" } } },
            call.Within(VerificationLimit))).ToApi());
    }

    private static Result<Contract.AuditFilter> FilterOf(string? connectionId, string? action, string? from, string? to)
    {
        var filter = new Contract.AuditFilter { Subject = connectionId ?? "", Action = action ?? "" };
        foreach (var (name, text) in (ReadOnlySpan<(string, string?)>)[("from", from), ("to", to)])
        {
            if (text is null)
            {
                continue;
            }

            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return Failure.InvalidField(name, $"{name} must be a time like 2026-11-21T09:30:00Z.");
            }

            if (name == "from")
            {
                filter.From = time.ToTimestamp();
            }
            else
            {
                filter.To = time.ToTimestamp();
            }
        }

        return filter;
    }
}
