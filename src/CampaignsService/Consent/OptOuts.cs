using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.CampaignsService.Consent;

/// <summary>Why an address is not brought onto a list.</summary>
internal enum OptOutReason
{
    /// <summary>The person was forgotten here.</summary>
    Forgotten = 1,

    /// <summary>Taken off a list through the platform.</summary>
    Unsubscribed = 2,

    /// <summary>Taken off all mail through the platform.</summary>
    DoNotMail = 3,

    /// <summary>As the two before, and Zoho does not have it: it has yet to be told, or did not know the person.</summary>
    KeptOff = 4,
}

/// <summary>
/// Who does not want to be written to, by the keyed hash of the address (<c>EmailSubject</c>): enough to keep somebody off a list, and nothing
/// to write to, but for the address itself while Zoho has yet to be told of it. Only what was done through the platform is remembered; who left at Zoho, Zoho knows (<see cref="Leavers"/>).
/// </summary>
internal static class OptOuts
{
    /// <summary>What Zoho has yet to be told, by when: ids and times only. An item is the <c>tell_id</c> of its row here.</summary>
    public const string Queue = "opt_out_queue";

    /// <summary>Longer than it takes to tell Zoho.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);

    private const string Back =
        "With their consent an admin lifts that (contacts/lift-opt-out), or runs a sync that says so (consent.resubscribe with a consent.reason).";

    /// <summary>By <see cref="OptOutReason"/>, the first at 0.</summary>
    public static readonly IReadOnlyList<string> Codes = ["forgotten", "unsubscribed", "do_not_mail", "kept_off"];

    /// <inheritdoc cref="Codes"/>
    public static readonly IReadOnlyList<string> Messages =
    [
        $"This person was forgotten through the platform and is not written to. {Back}",
        $"This person was taken off the list through the platform and is not written to. {Back}",
        $"This person was put on Do-Not-Mail through the platform and is not written to. {Back}",
        $"This person was kept off through the platform and is not written to. {Back}",
    ];

    // of all lists
    private const string Everywhere = "";

    /// <summary>Why nothing was pushed.</summary>
    public static Failure FailureOf(OptOutReason reason) =>
        new(FailureKind.Precondition, Codes[(int)reason - 1], Messages[(int)reason - 1]);

    /// <summary>In the transaction of <paramref name="context"/>; beside whatever else they have said.</summary>
    /// <param name="context">Of the tenant.</param>
    /// <param name="subject">Who.</param>
    /// <param name="listKey">Which list; null for all.</param>
    /// <param name="reason">Why.</param>
    /// <param name="at">Since when.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task RememberAsync(
        CampaignsDbContext context, byte[] subject, string? listKey, OptOutReason reason, DateTimeOffset at,
        CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO opt_outs (tenant_id, subject, list_key, reason, opted_out_at)
        VALUES ({context.Tenant.Value}, {subject}, {listKey ?? Everywhere}, {(int)reason}, {at})
        ON CONFLICT (tenant_id, subject, list_key, reason) DO UPDATE SET opted_out_at = EXCLUDED.opted_out_at
        """,
        cancellationToken);

    /// <summary>
    /// As <see cref="RememberAsync"/>, of one whom Zoho has yet to be told of: the address is kept until then. The answer is the item of
    /// <see cref="Queue"/>, which is to be added in the same transaction.
    /// </summary>
    /// <param name="context">Of the tenant.</param>
    /// <param name="subject">Who.</param>
    /// <param name="email">As Zoho is told.</param>
    /// <param name="listKey">Which list; null for all.</param>
    /// <param name="at">Since when.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Guid> KeepOffAsync(
        CampaignsDbContext context, byte[] subject, string email, string? listKey, DateTimeOffset at, CancellationToken cancellationToken) =>
        (await context.Database.SqlQuery<Guid>(
            $"""
            INSERT INTO opt_outs AS o (tenant_id, subject, list_key, reason, opted_out_at, email, tell_id)
            VALUES ({context.Tenant.Value}, {subject}, {listKey ?? Everywhere}, {(int)OptOutReason.KeptOff}, {at}, {email}, {Guid.CreateVersion7(at)})
            ON CONFLICT (tenant_id, subject, list_key, reason) DO UPDATE
            SET opted_out_at = EXCLUDED.opted_out_at, email = EXCLUDED.email, tell_id = coalesce(o.tell_id, EXCLUDED.tell_id)
            RETURNING tell_id
            """).ToListAsync(cancellationToken)).Single();

    /// <summary>What Zoho is to be told; null where it was taken back. Waits for whoever takes it back at this moment.</summary>
    public static async Task<UntoldOptOut?> FindUntoldAsync(NpgsqlConnection connection, Guid tellId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "SELECT email, NULLIF(list_key, '') FROM opt_outs WHERE tell_id = $1 FOR UPDATE", [tellId]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new UntoldOptOut(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1))
            : null;
    }

    /// <summary>Zoho has been told as well, in the transaction of <paramref name="connection"/>. What was taken back meanwhile is not made anew.</summary>
    public static Task ToldAsync(NpgsqlConnection connection, Guid tellId, CancellationToken cancellationToken) => connection.RunAsync(
        $"""
        WITH told AS (DELETE FROM opt_outs WHERE tell_id = $1 RETURNING tenant_id, subject, list_key, opted_out_at)
        INSERT INTO opt_outs (tenant_id, subject, list_key, reason, opted_out_at)
        SELECT tenant_id, subject, list_key,
            CASE list_key WHEN '{Everywhere}' THEN {(int)OptOutReason.DoNotMail} ELSE {(int)OptOutReason.Unsubscribed} END, opted_out_at
        FROM told
        ON CONFLICT (tenant_id, subject, list_key, reason) DO UPDATE SET opted_out_at = EXCLUDED.opted_out_at
        """,
        [tellId],
        cancellationToken);

    /// <summary>Zoho is not told any more: it does not know the person, or does not take it. They stay kept off here.</summary>
    public static Task KeepHereAsync(NpgsqlConnection connection, Guid tellId, CancellationToken cancellationToken) =>
        connection.RunAsync("UPDATE opt_outs SET email = NULL, tell_id = NULL WHERE tell_id = $1", [tellId], cancellationToken);

    /// <summary>
    /// Forgets the person's address where Zoho has yet to be told, in the transaction of <paramref name="context"/>: it is not told any more.
    /// </summary>
    public static async Task ForgetUntoldAsync(CampaignsDbContext context, byte[] subject, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM opt_out_queue WHERE tenant_id = {context.Tenant.Value} AND id IN (
                SELECT tell_id FROM opt_outs WHERE subject = {subject} AND tell_id IS NOT NULL)
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"UPDATE opt_outs SET email = NULL, tell_id = NULL WHERE subject = {subject} AND tell_id IS NOT NULL", cancellationToken);
    }

    /// <summary>
    /// Whether Zoho is told of the person at this moment. In the transaction of <paramref name="context"/>, until whose end nobody begins to.
    /// </summary>
    public static async Task<bool> IsBeingToldAsync(CampaignsDbContext context, byte[] subject, CancellationToken cancellationToken)
    {
        var untold = await context.Database.SqlQuery<Guid>(
            $"SELECT tell_id FROM opt_outs WHERE subject = {subject} AND tell_id IS NOT NULL FOR UPDATE").ToListAsync(cancellationToken);
        return untold.Count > 0 && await context.Database.SqlQuery<bool>(
            $"""
            SELECT EXISTS (
                SELECT 1 FROM opt_out_queue
                WHERE tenant_id = {context.Tenant.Value} AND id = ANY({untold}) AND claimed_until > clock_timestamp()) AS "Value"
            """).SingleAsync(cancellationToken);
    }

    /// <summary>Lets those that wait for their next try be told now.</summary>
    /// <returns>How many.</returns>
    public static Task<int> TellNowAsync(CampaignsDbContext context, DateTimeOffset now, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"UPDATE opt_out_queue SET due_at = {now} WHERE tenant_id = {context.Tenant.Value} AND claimed_by IS NULL AND due_at > {now}",
            cancellationToken);

    /// <summary>What stands in the way of one stands in the way of all of the tenant's: they wait until that one has tried again.</summary>
    public static Task TellLaterAsync(CampaignsDbContext context, Guid except, DateTimeOffset at, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync(
            $"""
            UPDATE opt_out_queue SET due_at = {at}
            WHERE tenant_id = {context.Tenant.Value} AND id <> {except} AND claimed_by IS NULL AND due_at < {at}
            """,
            cancellationToken);

    /// <summary>Which of these are not brought onto a list, in hexadecimal digits, and why.</summary>
    /// <param name="connection">Of the tenant.</param>
    /// <param name="subjects">Who.</param>
    /// <param name="listKey">Which list; null for one that nobody has left yet.</param>
    /// <param name="since">Only who said so later, because they had agreed until then; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyDictionary<string, OptOutReason>> FindAsync(
        NpgsqlConnection connection, IReadOnlyCollection<byte[]> subjects, string? listKey, DateTimeOffset? since,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, OptOutReason>(StringComparer.Ordinal);
        await using var command = connection.Command(
            """
            SELECT subject, max(reason) FROM opt_outs WHERE subject = ANY($1) AND list_key IN ('', $2) AND opted_out_at > $3 GROUP BY subject
            """,
            [subjects.ToArray(), listKey ?? Everywhere, since ?? DateTimeOffset.UnixEpoch]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            found[Convert.ToHexString(rows.GetFieldValue<byte[]>(0))] = (OptOutReason)rows.GetInt32(1);
        }

        return found;
    }

    /// <summary>All that somebody has said.</summary>
    public static async Task<IReadOnlyList<OptOut>> OfAsync(
        NpgsqlConnection connection, byte[] subject, CancellationToken cancellationToken)
    {
        var said = new List<OptOut>();
        await using var command = connection.Command(
            "SELECT reason, NULLIF(list_key, ''), opted_out_at, tell_id IS NOT NULL FROM opt_outs WHERE subject = $1 ORDER BY list_key, reason", [subject]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            said.Add(new((OptOutReason)rows.GetInt32(0), rows.IsDBNull(1) ? null : rows.GetString(1), rows.GetFieldValue<DateTimeOffset>(2), rows.GetBoolean(3)));
        }

        return said;
    }

    /// <summary>They had agreed to be written to again, on this list and so on any. What they have said since stands.</summary>
    /// <param name="connection">Of the tenant.</param>
    /// <param name="subjects">Who.</param>
    /// <param name="listKey">Which list.</param>
    /// <param name="until">When their consent was told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task ForgetAsync(
        NpgsqlConnection connection, IReadOnlyCollection<byte[]> subjects, string listKey, DateTimeOffset until,
        CancellationToken cancellationToken) => connection.RunAsync(
        "DELETE FROM opt_outs WHERE subject = ANY($1) AND list_key IN ('', $2) AND opted_out_at <= $3",
        [subjects.ToArray(), listKey, until],
        cancellationToken);

    /// <summary>They take back this, and nothing that they have said since. False where it was taken back, or said again.</summary>
    public static async Task<bool> LiftAsync(CampaignsDbContext context, byte[] subject, OptOut said, CancellationToken cancellationToken) =>
        await context.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM opt_outs WHERE subject = {subject} AND list_key = {said.ListKey ?? Everywhere} AND reason = {(int)said.Reason}
                AND opted_out_at = {said.At}
            """,
            cancellationToken) > 0;
}

/// <summary>What somebody has said.</summary>
/// <param name="Reason">What it was.</param>
/// <param name="ListKey">Of which list; null for all.</param>
/// <param name="At">When, to the microsecond.</param>
/// <param name="IsUntold">Zoho was told, and whether it heard is not known: it may have them off.</param>
internal sealed record OptOut(OptOutReason Reason, string? ListKey, DateTimeOffset At, bool IsUntold);

/// <summary>What Zoho has yet to be told.</summary>
/// <param name="Email">Who is not to be written to.</param>
/// <param name="ListKey">On which list; null for any.</param>
internal sealed record UntoldOptOut(string Email, string? ListKey);
