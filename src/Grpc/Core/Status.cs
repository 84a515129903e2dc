namespace Grpc.Core;

/// <summary>The outcome of a call, as sent in <c>grpc-status</c> (gRPC, Status codes and their use in gRPC).</summary>
public enum StatusCode
{
    /// <summary>No error.</summary>
    OK = 0,

    /// <summary>The caller gave the call up.</summary>
    Cancelled = 1,

    /// <summary>An error without a better name; also every exception that a handler let escape.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first. The work may have been done.</summary>
    DeadlineExceeded = 4,

    /// <summary>The thing asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>The thing to be made exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A quota, a size limit or space is used up.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state that the call needs; repeating does not help.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict between concurrent callers; repeat at a higher level.</summary>
    Aborted = 10,

    /// <summary>Past the valid range.</summary>
    OutOfRange = 11,

    /// <summary>The method or the service is not offered here.</summary>
    Unimplemented = 12,

    /// <summary>Something that must hold does not; a broken frame is one such thing.</summary>
    Internal = 13,

    /// <summary>The service cannot be reached at present; calls that are safe to repeat may be repeated.</summary>
    Unavailable = 14,

    /// <summary>Data is lost beyond recovery.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}

/// <summary>A <see cref="Core.StatusCode"/> with a sentence for people.</summary>
public struct Status
{
    /// <summary>Success with no detail.</summary>
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    /// <summary>Cancelled with no detail.</summary>
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    /// <summary>A status with a detail that goes over the wire.</summary>
    public Status(StatusCode statusCode, string detail)
        : this(statusCode, detail, null)
    {
    }

    /// <summary>A status with the local exception that led to it; the exception never goes over the wire.</summary>
    public Status(StatusCode statusCode, string detail, Exception? debugException)
    {
        StatusCode = statusCode;
        Detail = detail;
        DebugException = debugException;
    }

    /// <summary>The code.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The sentence; any Unicode text.</summary>
    public string Detail { get; }

    /// <summary>What happened on this side, where that is known.</summary>
    public Exception? DebugException { get; }

    /// <inheritdoc />
    public override readonly string ToString() => DebugException is null
        ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
        : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", " +
            $"DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}

/// <summary>
/// A call that did not end with <see cref="StatusCode.OK"/>. Thrown by a handler it chooses the status and adds trailers; thrown to a
/// caller it carries what the other side, or the runtime on this side, decided.
/// </summary>
public class RpcException : Exception
{
    /// <summary>A status without trailers.</summary>
    public RpcException(Status status)
        : this(status, Metadata.Empty)
    {
    }

    /// <summary>A status with an exception message that stays on this side.</summary>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>A status with trailers.</summary>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>A status with trailers and an exception message that stays on this side.</summary>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>The status.</summary>
    public Status Status { get; }

    /// <summary>The status' code.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>The trailers that came, or go, with the status.</summary>
    public Metadata Trailers { get; }
}
