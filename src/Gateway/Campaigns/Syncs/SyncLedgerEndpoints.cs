using System.ComponentModel;
using System.Text.RegularExpressions;
using CsvHelper;
using Grpc.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;
using SyncsClient = ZohoPlatform.Contracts.Campaigns.V1.Syncs.SyncsClient;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>What became of every row: as pages of JSON, or all of it as a table for a spreadsheet.</summary>
internal static partial class SyncLedgerEndpoints
{
    private const int MaxPage = 1000;
    private const string Csv = "text/csv";
    private const string CsvExample =
        "\"position\",\"email\",\"outcome\",\"code\",\"message\",\"decided_at\"\r\n"
        + "\"1240\",\"ada@example.com\",\"suppressed\",\"unsubscribed\",\"Has unsubscribed from this list.\",\"2026-11-21T09:37:00Z\"\r\n";

    private static readonly TimeSpan ExportLimit = TimeSpan.FromMinutes(10);

    private static readonly CsvWriterOptions Quoted = CsvWriterOptions.Default with { Quoting = CsvQuoting.Always };

    extension(RouteGroupBuilder syncs)
    {
        public void MapSyncLedger()
        {
            syncs.MapGet("/{id}/contacts", List).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "listSyncContacts",
                    "What became of every contact of a sync",
                    "In the source's order. With Accept: text/csv all of it as CSV, as /contacts.csv answers. Role needed: viewer.",
                    response: new SyncContactPage([SyncExamples.Contact], "MTI0MA"))
                .Produces<SyncContactPage>()
                .AnswersText(Csv, CsvExample)
                .Fails(404)
                .MayTake(ExportLimit)
                .IsDownload(PrefersCsv);
            syncs.MapGet("/{id}/contacts.csv", Export).RequireAuthorization(Policies.Viewer)
                .Describe(
                    "exportSyncContacts",
                    "What became of every contact of a sync, as CSV",
                    "All of it, for at most 10 minutes; UTF-8 with a header line. A cell that a spreadsheet would take for a formula "
                        + "begins with an apostrophe, and so does one inside it. A connection that ends early means an incomplete file. "
                        + "Role needed: viewer.")
                .Produces(StatusCodes.Status200OK)
                .AnswersText(Csv, CsvExample)
                .Fails(404)
                .MayTake(ExportLimit)
                .IsDownload();
        }
    }

    private static async Task<IResult> List(
        string id,
        [Description("Only those with this outcome.")] string? outcome,
        [FromQuery(Name = "page_size"), Description("1 to 1000; 100 when absent.")] string? pageSize,
        [FromQuery(Name = "page_token"), Description("next_page_token of the page before.")] string? pageToken,
        HttpContext http,
        ServiceCall call,
        SyncsClient syncs)
    {
        if (PrefersCsv(http.Request))
        {
            return await Export(id, outcome, http, call, syncs);
        }

        if (!QueryValues.OneOf<Contract.SyncContactOutcome>("outcome", outcome).Succeeded(out var wanted, out var failure)
            || !QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out failure))
        {
            return (ProblemResult)failure;
        }

        var page = await syncs.ListSyncContactsAsync(
            new() { Id = id, Outcome = wanted, PageSize = size, PageToken = pageToken ?? "" }, call.Options);
        return TypedResults.Ok(new SyncContactPage(
            [.. page.Contacts.Select(contact => contact.ToApi())], ContractValues.OrNull(page.NextPageToken)));
    }

    private static async Task<IResult> Export(
        string id, [Description("Only those with this outcome.")] string? outcome, HttpContext http, ServiceCall call, SyncsClient syncs)
    {
        if (!QueryValues.OneOf<Contract.SyncContactOutcome>("outcome", outcome).Succeeded(out var wanted, out var failure))
        {
            return (ProblemResult)failure;
        }

        var cancellationToken = http.RequestAborted;
        using var export = syncs.ExportSyncContacts(new() { Id = id }, call.Within(ExportLimit));
        try
        {
            // what is refused is refused before the first line is out: after it, only the connection can be broken off
            var more = await export.ResponseStream.MoveNext(cancellationToken);

            http.Response.ContentType = $"{Csv}; charset=utf-8";
            var file = new ContentDispositionHeaderValue("attachment");
            file.SetHttpFileName($"sync-{id}.csv");
            http.Response.Headers.ContentDisposition = file.ToString();
            await using var lines = CsvWriter.Create(http.Response.Body, Quoted, leaveOpen: true);
            await lines.WriteRecordAsync(["position", "email", "outcome", "code", "message", "decided_at"], cancellationToken);
            for (; more; more = await export.ResponseStream.MoveNext(cancellationToken))
            {
                var contact = export.ResponseStream.Current;
                if (wanted is Contract.SyncContactOutcome.Unspecified || contact.Outcome == wanted)
                {
                    await lines.WriteRecordAsync(CellsOf(contact), cancellationToken);
                }
            }
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            // nobody reads it any more, or it may not go on: what is there must not look whole
            http.Abort();
        }

        return TypedResults.Empty;
    }

    private static string[] CellsOf(Contract.SyncContact contact) =>
    [
        FormattableString.Invariant($"{contact.Position}"),
        Text(contact.Email),
        ApiName.Of(contact.Outcome),
        Text(contact.Code),
        Text(contact.Message),
        contact.DecidedAt is { } at ? FormattableString.Invariant($"{at.ToDateTime():yyyy-MM-dd'T'HH:mm:ss'Z'}") : "",
    ];

    private static string Text(string cell) => Formulas.Replace(cell, "'");

    // Where a formula could begin: at the start, and behind what separates cells in other countries' spreadsheets, to which the quotes
    // around a cell behind a comma mean nothing. Full width and small forms count as what they look like, and what cannot be seen does not count.
    // An apostrophe that stands there already gets another one, so that taking one away always gives what was there: the import does.
    // What is looked ahead over ends with the next separator, so it takes linear time. CsvHelper's own escaping looks at a cell's first
    // character only.
    [GeneratedRegex(
        """(?:^|(?<=[;\t\r\n]))(?='*[\p{Cc}\p{Cf}\p{Z}"-[\t\r\n]]*"""
            + """[=+\-@\u2212\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20])|^(?='*[\p{Cc}\p{Cf}])""",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Formulas { get; }

    private static bool PrefersCsv(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
        && types.Where(type => type.Quality is not 0)
            .OrderByDescending(type => type.Quality ?? 1)
            .FirstOrDefault(type => type.MediaType.Value is Csv or "application/json" or "application/*" or "*/*") is { MediaType.Value: Csv };
}
