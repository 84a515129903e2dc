using System.Net.Http.Headers;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Campaigns;

/// <summary>Uploads of users who existed before, for a later sync.</summary>
public sealed class SourcesClient
{
    private readonly GatewayCalls _calls;

    internal SourcesClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Streams a file to the platform: all of it is kept, or nothing. At most 256 MiB. Role needed: operator.</summary>
    /// <param name="content">Read once from where it stands, and left open.</param>
    /// <param name="format">Of the content.</param>
    /// <param name="name">As people know it: users.csv.</param>
    /// <param name="cancellationToken">Ends the upload; nothing of it is kept.</param>
    public async Task<UploadedSource> UploadAsync(
        Stream content, SourceFormat format, string name, CancellationToken cancellationToken = default)
    {
        var body = new StreamContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(format switch
        {
            SourceFormat.Csv => "text/csv",
            SourceFormat.Ndjson => "application/x-ndjson",
        });
        return await _calls.UploadAsync(
            Paths.With("api/v1/campaigns/sync-sources", ("name", name)), body, PlatformJson.Default.UploadedSource, cancellationToken);
    }
}

public enum SourceFormat
{
    /// <summary>UTF-8 with a header line; comma, semicolon or tab.</summary>
    Csv,

    /// <summary>One JSON object a line; its values are strings, numbers or booleans.</summary>
    Ndjson,
}
