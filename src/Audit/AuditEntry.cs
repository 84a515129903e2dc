using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Audit;

/// <summary>Who did what to what. Holds ids, keyed hashes and fingerprints, never secrets and nothing of a contact.</summary>
public abstract class AuditRecord
{
    private protected AuditRecord()
    {
    }

    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>When it was done; to the microsecond, as PostgreSQL keeps it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The ticket's subject: <c>key:9f2c...</c>, <c>service:campaigns</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The network address that the actor asked from; empty where none is known.</summary>
    public required string FromAddress { get; init; }

    /// <summary>The trace of the call in which it was done, as the log names it; empty where it was none call's, or several calls'.</summary>
    public required string TraceId { get; init; }

    /// <summary>One of those that the service has registered.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to, a kind and which one: <c>connection:</c> and its id, <c>settings:zoho</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>A JSON object: what the action was about.</summary>
    public required string Details { get; init; }
}

/// <summary>An entry as it is written: in the transaction of what it tells of, see <see cref="AuditInbox"/>. It gets its number afterwards.</summary>
public sealed class AuditEntry : AuditRecord
{
    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static uint _made;

    /// <summary>What a caller did.</summary>
    public static AuditEntry Of(Caller caller, DateTimeOffset at, string action, string subject, object details) =>
        Of(caller.Tenant, at, caller.Subject, action, subject, details, caller.From);

    /// <summary>What somebody did who is no caller at hand: a worker of the service, a provider.</summary>
    public static AuditEntry Of(
        TenantId tenant, DateTimeOffset at, string actor, string action, string subject, object details, string? from = null) => new()
        {
            TenantId = tenant,
            Id = NextId(at),
            At = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond)),
            Actor = actor,
            FromAddress = from ?? "",
            TraceId = Activity.Current?.TraceId.ToHexString() ?? "",
            Action = action,
            Subject = subject,
            Details = JsonSerializer.Serialize(details, JsonOptions),
        };

    /// <summary>The same for several calls, under an id that says whether it was written before.</summary>
    internal AuditEntry Gathered(Guid id) => new()
    {
        TenantId = TenantId,
        Id = id,
        At = At,
        Actor = Actor,
        FromAddress = FromAddress,
        TraceId = "",
        Action = Action,
        Subject = Subject,
        Details = Details,
    };

    // what is saved together is inserted in the order of its ids: those of one moment count up (RFC 9562, 6.2), which CreateVersion7's do not
    private static Guid NextId(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        var withinMillisecond = (uint)(at.Ticks % TimeSpan.TicksPerMillisecond / TimeSpan.TicksPerMicrosecond);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | withinMillisecond));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], 0x8000_0000 | (Interlocked.Increment(ref _made) & 0x3FFF_FFFF));
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>An entry that has its place in the tenant's chain.</summary>
internal sealed class ChainedEntry : AuditRecord
{
    /// <summary>The tenant's entries count up from 1 without gaps.</summary>
    public long Sequence { get; init; }
}
