using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Audit;

/// <summary>
/// Who was shown personal data. However many pages are read, one entry tells of all that one reader saw of one subject in an hour. It is written
/// before the first of them leaves; who comes back within the hour costs nothing.
/// </summary>
public sealed class AuditedReads
{
    private const int Kept = 10_000;

    private readonly AuditDatabase _db;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Guid, byte> _noted = new();

    internal AuditedReads(AuditDatabase db, TimeProvider clock) => (_db, _clock) = (db, clock);

    /// <summary>To be awaited before anything is answered.</summary>
    public async Task NoteAsync(Caller caller, string action, string subject, CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        var id = IdOf(caller, action, subject, hour);
        if (_noted.ContainsKey(id))
        {
            return;
        }

        try
        {
            await using var context = _db.For(caller.Tenant);
            context.Audit(AuditEntry.Of(caller, now, action, subject, new { during = hour }).Gathered(id));
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // another replica's, of the same hour; one that is chained by then is not chained again
        }

        // old ones are not looked for: when there are many, each is written once more and chained no second time
        if (_noted.Count >= Kept)
        {
            _noted.Clear();
        }

        _noted[id] = 0;
    }

    // the same at every replica
    private static Guid IdOf(Caller caller, string action, string subject, DateTimeOffset hour)
    {
        var reading = SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', caller.Tenant, caller.Subject, caller.From, action, subject, hour.ToUnixTimeSeconds())));
        // version 8 is the one for ids that are made in a way of one's own (RFC 9562)
        reading[6] = (byte)(0x80 | (reading[6] & 0x0F));
        reading[8] = (byte)(0x80 | (reading[8] & 0x3F));
        return new Guid(reading.AsSpan(0, 16), bigEndian: true);
    }
}
