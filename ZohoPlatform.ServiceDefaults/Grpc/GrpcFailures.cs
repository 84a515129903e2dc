using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using RpcStatus = Google.Rpc.Status;
using Status = Grpc.Core.Status;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>The only place where a <see cref="Failure"/> becomes a gRPC status, and where a status becomes a failure again.</summary>
public static class GrpcFailures
{
    /// <summary>Trailer with <see cref="Failure.Code"/>.</summary>
    public const string CodeTrailer = "error-code";

    /// <summary>Trailer with <see cref="Failure.Field"/>.</summary>
    public const string FieldTrailer = "error-field";

    /// <summary>Trailer with <see cref="Failure.RetryAfter"/> in whole milliseconds.</summary>
    public const string RetryAfterTrailer = "retry-after-ms";

    /// <summary>Of <see cref="ErrorInfo"/>: whose reasons these are. A reason is <see cref="Failure.Code"/> in capitals, as google.rpc has it.</summary>
    public const string Domain = "zohoplatform";

    // a client cuts the connection, with everybody's calls on it, when the headers of one answer pass its limit (HttpClient: 64 KB in all)
    private const int MaxMessage = 2048;
    private const int MaxTrailer = 256;

    // gRPC's own trailer: the negative says that the same call is not to be made again by the client's policy, which is for cut connections
    private static readonly Metadata.Entry NotAgain = new("grpc-retry-pushback-ms", "-1");

    extension(Failure failure)
    {
        /// <summary>What quotes input without end is cut, whoever made the failure.</summary>
        public RpcException ToRpcException() => failure.ToRpcException(failure.Kind.StatusCode);

        /// <summary>The same with a status that no kind of failure stands for: DEADLINE_EXCEEDED, UNIMPLEMENTED.</summary>
        public RpcException ToRpcException(StatusCode code)
        {
            var trailers = new Metadata { { CodeTrailer, Cut(failure.Code, MaxTrailer) }, NotAgain };
            trailers.SetRpcStatus(failure.ToRpcStatus(code));
            if (failure.Field is { } field)
            {
                trailers.Add(FieldTrailer, Cut(field, MaxTrailer));
            }

            if (failure.RetryAfter is { } retryAfter)
            {
                trailers.Add(RetryAfterTrailer, ((long)retryAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
            }

            return new RpcException(new Status(code, Cut(failure.Message, MaxMessage)), trailers);
        }

        /// <summary>The same for clients of other makes, in the types that they know (google.rpc), where the trailers above are ours.</summary>
        private RpcStatus ToRpcStatus(StatusCode code)
        {
            var status = new RpcStatus { Code = (int)code, Message = Cut(failure.Message, MaxMessage) };
            status.Details.Add(Any.Pack(new ErrorInfo { Reason = Cut(failure.Code, MaxTrailer).ToUpperInvariant(), Domain = Domain }));
            if (failure.Field is { } field)
            {
                // a sentence of its own would be said a third time, in headers that clients bound to 8 KB
                var violation = new BadRequest.Types.FieldViolation { Field = Cut(field, MaxTrailer), Description = Cut(failure.Message, MaxTrailer) };
                status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }));
            }

            if (failure.RetryAfter is { } retryAfter)
            {
                status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) }));
            }

            return status;
        }
    }

    extension(FailureKind kind)
    {
        // no default arm: CS8509 makes a new kind fail to compile
        public StatusCode StatusCode => kind switch
        {
            FailureKind.Invalid => StatusCode.InvalidArgument,
            FailureKind.Unauthenticated => StatusCode.Unauthenticated,
            FailureKind.Forbidden => StatusCode.PermissionDenied,
            FailureKind.NotFound => StatusCode.NotFound,
            FailureKind.Conflict => StatusCode.AlreadyExists,
            FailureKind.Precondition => StatusCode.FailedPrecondition,
            FailureKind.RateLimited => StatusCode.ResourceExhausted,
            FailureKind.Unavailable => StatusCode.Unavailable,
        };
    }

    extension(RpcException exception)
    {
        /// <summary>
        /// What the called service said, or null where it said nothing that a caller can act on (UNKNOWN, INTERNAL, CANCELLED...):
        /// that stays an exception.
        /// </summary>
        public Failure? ToFailure()
        {
            FailureKind? kind = exception.StatusCode switch
            {
                StatusCode.InvalidArgument or StatusCode.OutOfRange => FailureKind.Invalid,
                StatusCode.Unauthenticated => FailureKind.Unauthenticated,
                StatusCode.PermissionDenied => FailureKind.Forbidden,
                StatusCode.NotFound => FailureKind.NotFound,
                StatusCode.AlreadyExists or StatusCode.Aborted => FailureKind.Conflict,
                StatusCode.FailedPrecondition => FailureKind.Precondition,
                StatusCode.ResourceExhausted => FailureKind.RateLimited,
                StatusCode.Unavailable or StatusCode.DeadlineExceeded => FailureKind.Unavailable,
                // a stream whose connection was given up: what a call got no answer to is UNAVAILABLE already
                StatusCode.Internal when LostCalls.IsTransportsEnd(exception.Status.DebugException) => FailureKind.Unavailable,
                _ => null,
            };
            if (kind is null)
            {
                return null;
            }

            // a transport's own status carries no code, and its detail speaks of sockets, not of what a person can do
            var code = exception.Trailers.GetValue(CodeTrailer);
            return code is null && kind is FailureKind.Unavailable
                ? new Failure(FailureKind.Unavailable, "service_unavailable", "A service of the platform does not answer; try again shortly.")
                : new Failure(kind.Value, code ?? "refused", exception.Status.Detail)
                {
                    Field = exception.Trailers.GetValue(FieldTrailer),
                    RetryAfter = long.TryParse(exception.Trailers.GetValue(RetryAfterTrailer), CultureInfo.InvariantCulture, out var milliseconds)
                        ? TimeSpan.FromMilliseconds(milliseconds)
                        : null,
                };
        }
    }

    // by what it comes to in a header, where gRPC writes every byte of UTF-8 beyond printable ASCII as %XX; never inside a character
    private static string Cut(string text, int most)
    {
        const string Rest = "...";
        var (written, kept, position) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            written += rune.Value is >= ' ' and <= '~' and not '%' ? 1 : 3 * rune.Utf8SequenceLength;
            position += rune.Utf16SequenceLength;
            if (written <= most - Rest.Length)
            {
                kept = position;
            }
            else if (written > most)
            {
                return $"{text.AsSpan(0, kept)}{Rest}";
            }
        }

        return text;
    }
}
