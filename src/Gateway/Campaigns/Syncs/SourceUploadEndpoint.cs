using System.Buffers;
using System.ComponentModel;
using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;
using Format = ZohoPlatform.Contracts.Campaigns.V1.UploadHeader.Types.Format;
using SyncsClient = ZohoPlatform.Contracts.Campaigns.V1.Syncs.SyncsClient;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>
/// A file on its way through: read from the request only as fast as CampaignsService takes it, a MiB in memory at most, and nothing kept
/// anywhere unless all of it arrived.
/// </summary>
internal static class SourceUploadEndpoint
{
    public const long MaxBytes = 256L * 1024 * 1024;

    private const string Csv = "text/csv";
    private const string LinesOfJson = "application/x-ndjson";
    private const int ChunkBytes = 64 * 1024;
    private const int MaxNameLength = 200;

    // 256 MiB at 150 kB/s
    private static readonly TimeSpan UploadLimit = TimeSpan.FromMinutes(30);

    private static readonly ProblemResult TooLarge = new(
        StatusCodes.Status413PayloadTooLarge,
        "source_too_large",
        $"A source has at most {MaxBytes} bytes (256 MiB): split the file, or sync from the table that it came from.");
    private static readonly ProblemResult TypeUnknown = new(
        StatusCodes.Status415UnsupportedMediaType,
        "content_type_not_supported",
        $"Send the file in UTF-8 and not compressed, with Content-Type: {Csv} or {LinesOfJson}.");

    extension(IEndpointRouteBuilder routes)
    {
        public void MapSourceUpload() => routes.MapPost("/api/v1/campaigns/sync-sources", Upload)
            .WithTags("Campaigns syncs")
            .RequireAuthorization(Policies.Operator)
            .Describe(
                "uploadSyncSource",
                "Upload users as a file",
                "CSV with a header line (comma, semicolon or tab), or one JSON object per line; UTF-8, at most 256 MiB. All of it is kept "
                    + "or nothing. Idempotency-Key has no effect here: a file sent twice is two sources, of which the unused one expires. "
                    + "Role needed: operator.",
                response: new UploadedSource(
                    "0193a2b4-6c5d-7e6f-8091-a2b3c4d5e6f7",
                    "users.csv",
                    5000,
                    ["mail", "given_name", "internal_note"],
                    new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero)))
            .TakesText(
                (Csv, "mail,given_name,internal_note\nada@example.com,Ada,vip\n"),
                (LinesOfJson, "{\"mail\":\"ada@example.com\",\"given_name\":\"Ada\"}\n"))
            .Fails(413, 415)
            .MayTake(UploadLimit)
            .WithStreamedBody();
    }

    private static async Task<Results<Created<UploadedSource>, ProblemResult>> Upload(
        [Description("What people know the file as, such as users.csv; at most 200 characters, `upload` when absent.")] string? name,
        HttpRequest http,
        ServiceCall call,
        SyncsClient syncs,
        CancellationToken cancellationToken)
    {
        if (FormatOf(http) is not { } format)
        {
            return TypeUnknown;
        }

        if (name is { Length: > MaxNameLength } || name?.Any(ShownText.IsHidden) is true)
        {
            return (ProblemResult)Failure.InvalidField(
                "name", $"name must have at most {MaxNameLength} characters, {ShownText.Rule}.");
        }

        if (http.ContentLength > MaxBytes)
        {
            return TooLarge;
        }

        var header = new Contract.UploadHeader { Format = format, Name = string.IsNullOrWhiteSpace(name) ? "upload" : name };
        // whichever way this ends, an upload that was not completed is cancelled with it
        using var upload = syncs.UploadSource(call.Within(UploadLimit));
        try
        {
            await upload.RequestStream.WriteAsync(new() { Header = header }, cancellationToken);
            if (!await SendAsync(http.BodyReader, upload, cancellationToken))
            {
                return TooLarge;
            }

            await upload.RequestStream.CompleteAsync();
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // the service ended the call while the file was still arriving: its answer says why, the failed write need not
            await upload;
            throw;
        }

        return TypedResults.Created((string?)null, (await upload).ToApi());
    }

    /// <summary>False where there is more than a source may have.</summary>
    private static async Task<bool> SendAsync(
        PipeReader body, AsyncClientStreamingCall<Contract.UploadSourceRequest, Contract.UploadedSource> upload, CancellationToken cancellationToken)
    {
        var total = 0L;
        // ended, not cancelled: the server itself reads what is left of a body, and finds one that was cancelled still being read
        await using var ending = cancellationToken.UnsafeRegister(static reading => ((PipeReader)reading!).CancelPendingRead(), body);
        ReadResult read;
        do
        {
            // what is there, however little: who sends slowly is not taken for one who has stopped
            read = await body.ReadAsync(CancellationToken.None);
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                total += read.Buffer.Length;
                if (total > MaxBytes)
                {
                    return false;
                }

                for (var rest = read.Buffer; !rest.IsEmpty; rest = rest.Slice(Math.Min(rest.Length, ChunkBytes)))
                {
                    var chunk = UnsafeByteOperations.UnsafeWrap(rest.Slice(0, Math.Min(rest.Length, ChunkBytes)).ToArray());
                    var write = upload.RequestStream.WriteAsync(new() { Chunk = chunk }, cancellationToken);
                    // one that is under way when the service has answered may never end
                    await await Task.WhenAny(write, upload.ResponseAsync);
                }
            }
            finally
            {
                // also on the way out: the server reads on, so that who still sends gets to see the answer
                body.AdvanceTo(read.Buffer.End);
            }
        }
        while (!read.IsCompleted);

        return true;
    }

    private static Format? FormatOf(HttpRequest http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.ContentType, out var type)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            || http.Headers.ContentEncoding.Count > 0)
        {
            return null;
        }

        return type.MediaType.Value?.ToLowerInvariant() switch
        {
            Csv => Format.Csv,
            LinesOfJson => Format.Ndjson,
            _ => null,
        };
    }
}
