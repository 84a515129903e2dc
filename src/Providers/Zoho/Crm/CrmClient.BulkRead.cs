using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    /// <summary>Zoho CRM, "Bulk read": the eleventh in a minute is refused.</summary>
    private static readonly QuotaMethod Downloads = new(
        "crm-bulk-downloads", TimeSpan.FromMinutes(1), new QuotaLimit(10, TimeSpan.FromMinutes(1)));

    private static readonly TimeSpan LongestDownload = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Begins a bulk read. Never repeated: where no answer came it is <c>zoho_outcome_unknown</c>; beginning another one costs its credits
    /// again and does no harm besides.
    /// </summary>
    public Task<Result<CrmBulkJob>> StartBulkReadAsync(ProviderCall call, CrmBulkQuery query, CancellationToken cancellationToken) =>
        StartBulkReadAsync(call, query.Module, query.ToBody(), cancellationToken);

    /// <summary>
    /// Begins the bulk read of the records after those of a completed one, by its <see cref="CrmBulkJob.NextPageToken"/>;
    /// <c>page_token_expired</c> (class <see cref="CrmCodeClass.Restart"/>) after 24 hours.
    /// </summary>
    public Task<Result<CrmBulkJob>> ContinueBulkReadAsync(
        ProviderCall call, string module, string pageToken, CancellationToken cancellationToken) => StartBulkReadAsync(
        call, module, new JsonObject { ["query"] = new JsonObject { ["page_token"] = pageToken } }, cancellationToken);

    /// <summary>How far a bulk read is; <c>resource_gone</c> where there is none of that id.</summary>
    public async Task<Result<CrmBulkJob>> GetBulkReadAsync(ProviderCall call, string jobId, CancellationToken cancellationToken)
    {
        var asked = new CrmRequest(CrmMethods.GetBulkRead) { Id = CrmIds.Checked(jobId) };
        var sent = await AskForAsync(call, asked, "data", one => CrmBulkJob.Read(one, asked), cancellationToken);
        return !sent.Succeeded(out var jobs, out var failure) ? failure
            : jobs is [var job, ..] ? job
            : CrmFailures.BadAnswer;
    }

    /// <summary>
    /// Brings the file of a completed bulk read here; close it, which deletes it. <c>resource_gone</c> a day later. Eight in a minute are
    /// brought, further ones fail with <c>quota_reached</c> and the time to wait.
    /// </summary>
    public async Task<Result<CrmBulkFile>> DownloadBulkReadAsync(ProviderCall call, string jobId, CancellationToken cancellationToken)
    {
        var asked = new CrmRequest(CrmMethods.DownloadBulkRead) { Id = CrmIds.Checked(jobId) };
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sent = await SendAsync(
            call,
            asked,
            (request, noAnswer) => ProviderAnswer.SendAsync(
                http, request, HttpCompletionOption.ResponseHeadersRead, (response, _) => ReadAsync(response), noAnswer, cancellationToken),
            download => (Read(download), download.Answer),
            _ => null,
            cancellationToken);
        if (!sent.Succeeded(out var file, out var failure))
        {
            return failure;
        }

        var opened = await CrmBulkFile.OpenAsync(file, cancellationToken);
        if (!opened.Succeeded(out _, out _))
        {
            await file.DisposeAsync();
        }

        return opened;

        Result<FileStream> Read(Download download) =>
            download.File is { } whole ? whole
            : !CrmAnswer.Read(download.Answer, asked).Succeeded(out var answer, out var refused) ? refused
            : answer.Refusal?.Failure ?? CrmFailures.BadAnswer;

        async Task<Download> ReadAsync(HttpResponseMessage response)
        {
            // the network's time
            time.CancelAfter(LongestDownload);
            return await Download.ReadAsync(response, time.Token);
        }
    }

    private async Task<Result<CrmBulkJob>> StartBulkReadAsync(
        ProviderCall call, string module, JsonObject body, CancellationToken cancellationToken)
    {
        var asked = new CrmRequest(CrmMethods.CreateBulkRead) { Module = module, Body = body };
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Entries("data") is not [var told, ..])
        {
            return CrmFailures.OutcomeUnknown;
        }

        var code = CrmRefusal.CodeOf(told) ?? "";
        return CrmCodes.Find(code, asked.Method, "").Class is not CrmCodeClass.Done ? CrmRefusal.Read(told, asked).Failure
            : told.Property("details") is { } details && CrmBulkJob.Read(details, asked) is { } job ? job
            : CrmFailures.OutcomeUnknown;
    }

    /// <summary>What came for a file: the file, or the words why it did not.</summary>
    private sealed record Download(FileStream? File, ProviderAnswer Answer)
    {
        private const int BytesOfZipMark = 2;

        public static async Task<Download> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        {
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                return new Download(null, await ProviderAnswer.ReadAsync(response, cancellationToken));
            }

            var file = CrmBulkFile.CreateTemporary();
            try
            {
                await response.Content.CopyToAsync(file, cancellationToken);
                if (await BeginsAsZipAsync(file, cancellationToken))
                {
                    return new Download(file, new ProviderAnswer(response.StatusCode, "") { Headers = response.Headers });
                }

                file.Position = 0;
                var words = new byte[(int)Math.Min(file.Length, ProviderAnswer.MaxBytes)];
                await file.ReadExactlyAsync(words, cancellationToken);
                await file.DisposeAsync();
                return new Download(
                    null, new ProviderAnswer(response.StatusCode, Encoding.UTF8.GetString(words)) { Headers = response.Headers });
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        }

        private static async Task<bool> BeginsAsZipAsync(FileStream file, CancellationToken cancellationToken)
        {
            file.Position = 0;
            var mark = new byte[BytesOfZipMark];
            return await file.ReadAtLeastAsync(mark, mark.Length, throwOnEndOfStream: false, cancellationToken) == mark.Length
                && mark.AsSpan().SequenceEqual("PK"u8);
        }
    }
}
