using System.Text.Json;

namespace ZohoPlatform.Api.Audit;

/// <summary>Who did what to a connection or a setting, or was handed a token.</summary>
/// <param name="Sequence">Counts up per tenant without gaps.</param>
/// <param name="Id">Of the entry.</param>
/// <param name="OccurredAt">When it was done.</param>
/// <param name="Actor">Key or service: <c>key:9f2c...</c>, <c>service:campaigns</c>.</param>
/// <param name="Action">
/// connection.created, connection.replaced, connection.deleted, grant.revoked, settings.changed, webhook.created, webhook.deleted,
/// webhook.disabled, webhook.enabled or token.handed_out.
/// </param>
/// <param name="Subject">A connection's id, <c>settings:zoho</c> or <c>webhook:</c> and its id.</param>
/// <param name="Details">
/// What it was about; differs by action. Secrets are in it as fingerprints. Hand-outs of one second that differ only in their moment are
/// one token.handed_out: <c>times</c> says how many, and <c>later_us</c> how many microseconds after <c>occurred_at</c> each further one was.
/// </param>
public sealed record AuditEntry(
    long Sequence, string Id, DateTimeOffset OccurredAt, string Actor, string Action, string Subject, JsonElement Details);

/// <summary>A page of the audit.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="NextPageToken">Send it as page_token for the next page; absent on the last one.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? NextPageToken);

/// <summary>Whether the audit is as it was written.</summary>
/// <param name="Intact">Every hash fits.</param>
/// <param name="LastSequence">The chain's end, or its last good link. Keep it with the hash elsewhere, and send both the next time.</param>
/// <param name="LastHash">64 hex digits; absent where there is no link yet.</param>
/// <param name="Broken">The first link that does not fit; absent when intact.</param>
public sealed record AuditVerification(bool Intact, long LastSequence, string? LastHash, BrokenLink? Broken);

/// <summary>Where the audit is not as it was written.</summary>
/// <param name="FirstSequence">First of the entries among which something was changed.</param>
/// <param name="LastSequence">Last of them; 0 when the chain ends before it should.</param>
/// <param name="Code">entry_missing, entry_changed, entry_added, link_missing or known_link_missing.</param>
/// <param name="Message">What was found.</param>
public sealed record BrokenLink(long FirstSequence, long LastSequence, string Code, string Message);
