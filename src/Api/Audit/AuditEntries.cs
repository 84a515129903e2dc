using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Api.Audit;

/// <summary>Who did what: a change of configuration, or a hand-out of a token.</summary>
/// <param name="Service">Which service wrote it: <c>gateway</c>, <c>tokens</c>, <c>campaigns</c>.</param>
/// <param name="Sequence">Counts up per tenant and service without gaps, in the order of writing.</param>
/// <param name="Id">Of the entry.</param>
/// <param name="OccurredAt">When it was done.</param>
/// <param name="Actor">Key or service: <c>key:9f2c...</c>, <c>service:campaigns</c>.</param>
/// <param name="FromAddress">The network address that the actor asked from; absent where it is a service of the platform.</param>
/// <param name="TraceId">The trace of the call in which it was done, as the log names it; absent where it was none call's, or several calls'.</param>
/// <param name="Action">What was done, spelled <c>area.verb</c>: <c>key.created</c>, <c>settings.changed</c>, <c>token.handed_out</c>...</param>
/// <param name="Subject">What it was done to: <c>connection:</c>, <c>webhook:</c> or <c>key:</c> and its id, <c>settings:zoho</c>...</param>
/// <param name="Details">
/// What it was about; differs by action. Secrets are in it as fingerprints. Hand-outs of one second that differ only in their moment are
/// one token.handed_out: <c>times</c> says how many, and <c>later_us</c> how many microseconds after <c>occurred_at</c> each further one was.
/// </param>
public sealed record AuditEntry(
    string Service,
    long Sequence,
    string Id,
    DateTimeOffset OccurredAt,
    string Actor,
    string? FromAddress,
    string? TraceId,
    string Action,
    string Subject,
    JsonElement Details);

/// <summary>A page of the audit.</summary>
/// <param name="Entries">Newest first, of all services in one order.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? NextPageToken);

/// <summary>What was written to the audit after what its reader has seen.</summary>
/// <param name="Entries">Each service's in the order of its numbers; none where nothing is new.</param>
/// <param name="Cursor">Keep it and send it as after the next time. There always is one.</param>
public sealed record AuditFeed(IReadOnlyList<AuditEntry> Entries, string Cursor);

/// <summary>Whether the audit is as it was written.</summary>
/// <param name="Intact">Every service's chain was read, and every hash fits.</param>
/// <param name="Services">Each service's chain.</param>
public sealed record AuditVerification(bool Intact, IReadOnlyList<VerifiedChain> Services);

/// <summary>A service's part of a verification.</summary>
/// <param name="Service">Whose chain it is.</param>
/// <param name="State">Whether it is as it was written.</param>
/// <param name="LastSequence">How many entries there are, or there were up to the last good link.</param>
/// <param name="LastHash">64 hex digits; absent where there is no link yet. Keep both elsewhere and send them as known the next time.</param>
/// <param name="Broken">The first place that does not fit; absent where none is.</param>
/// <param name="Missing">Why the chain could not be read; absent where it could.</param>
public sealed record VerifiedChain(
    string Service, ChainState State, long LastSequence, string? LastHash, BrokenLink? Broken, string? Missing);

/// <summary>What came of looking at a chain.</summary>
[JsonConverter(typeof(ApiNameConverter<ChainState>))]
public enum ChainState
{
    /// <summary>A state that a later version has.</summary>
    Unknown,

    /// <summary>Every hash fits, and it goes through all that is known of it.</summary>
    Intact,

    /// <summary>Something was changed.</summary>
    Broken,

    /// <summary>The service did not answer: nothing is known of it now.</summary>
    Missing,
}

/// <summary>Where the audit is not as it was written.</summary>
/// <param name="FirstSequence">First of the entries among which something was changed.</param>
/// <param name="LastSequence">Last of them; 0 when the chain ends before it should.</param>
/// <param name="Code">
/// entry_missing, entry_changed, entry_added, link_missing, link_added, known_link_missing, end_missing or head_forged.
/// </param>
/// <param name="Message">What was found.</param>
public sealed record BrokenLink(long FirstSequence, long LastSequence, string Code, string Message);
