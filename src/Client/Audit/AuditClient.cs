using System.Globalization;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Audit;

/// <summary>Who did what. Role needed: admin.</summary>
public sealed class AuditClient
{
    private const string Path = "api/v1/audit";

    private readonly GatewayCalls _calls;

    internal AuditClient(GatewayCalls calls) => _calls = calls;

    /// <summary>Newest first.</summary>
    /// <param name="filter">All when null.</param>
    public IAsyncEnumerable<AuditEntry> ListAsync(AuditFilter? filter = null) => Pages.ItemsAsync(
        (token, cancellationToken) => _calls.GetAsync(
            WithFilter(Path, filter, ("page_size", "200"), ("page_token", token)), PlatformJson.Default.AuditPage, cancellationToken),
        page => (page.Entries, page.NextPageToken));

    /// <summary>
    /// What was written after what the caller has seen, at most 200 entries: for who takes all of it elsewhere, bit by bit. Nothing is missed and
    /// nothing comes twice, whenever it is asked again.
    /// </summary>
    /// <param name="after">The cursor of the answer before; null begins with the first entry.</param>
    /// <param name="filter">All when null. Stay with one: a cursor says what was seen of what was asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AuditFeed> FollowAsync(
        string? after = null, AuditFilter? filter = null, CancellationToken cancellationToken = default) => _calls.GetAsync(
        WithFilter($"{Path}/feed", filter, ("page_size", "200"), ("after", after)), PlatformJson.Default.AuditFeed, cancellationToken);

    /// <summary>
    /// Writes all entries as NDJSON, as they come. An export that breaks off throws: what was written then is not all of it.
    /// </summary>
    public async Task ExportAsync(Stream destination, AuditFilter? filter = null, CancellationToken cancellationToken = default)
    {
        using var answer = await _calls.OpenAsync(
            WithFilter($"{Path}/export", filter), "application/x-ndjson", lastEventId: null, cancellationToken);
        await _calls.CopyAsync(answer, destination, cancellationToken);
    }

    /// <summary>Whether every service's chain of hashes is as it was written.</summary>
    /// <param name="known">An earlier answer that was kept elsewhere: also what was cut off since is found.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AuditVerification> VerifyAsync(
        AuditVerification? known = null, CancellationToken cancellationToken = default) => _calls.GetAsync(
        Paths.With($"{Path}/verify", [.. Known(known).Select(point => ("known", (string?)point))]),
        PlatformJson.Default.AuditVerification,
        cancellationToken);

    private static IEnumerable<string> Known(AuditVerification? known) =>
        (known?.Services ?? []).Where(chain => chain.LastHash is not null).Select(chain =>
            string.Create(CultureInfo.InvariantCulture, $"{chain.Service}:{chain.LastSequence}:{chain.LastHash}"));

    private static string WithFilter(
        string path, AuditFilter? filter, params ReadOnlySpan<(string Name, string? Value)> more) => Paths.With(
        path,
        [
            ("service", filter?.Service),
            ("subject", filter?.Subject),
            ("action", filter?.Action),
            ("trace_id", filter?.TraceId),
            ("from", Paths.Time(filter?.From)),
            ("to", Paths.Time(filter?.To)),
            .. more,
        ]);
}

/// <summary>Which entries; null for all.</summary>
public sealed record AuditFilter
{
    /// <summary>gateway, tokens, campaigns or webhooks.</summary>
    public string? Service { get; init; }

    /// <summary>connection: and its id, settings:zoho, key: and its id...</summary>
    public string? Subject { get; init; }

    /// <summary>token.handed_out, settings.changed...</summary>
    public string? Action { get; init; }

    /// <summary>What was done in one call: its trace as the log names it, 32 hex digits.</summary>
    public string? TraceId { get; init; }

    /// <summary>Not before this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? To { get; init; }
}
