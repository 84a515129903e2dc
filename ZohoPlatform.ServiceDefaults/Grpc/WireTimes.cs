using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>Times of contracts, which anybody can fill with what no calendar has.</summary>
public static class WireTimes
{
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    extension(Timestamp? told)
    {
        /// <summary>Whether there is one, of the years 1 to 9999 (google.protobuf.Timestamp).</summary>
        public bool IsMoment => told is { Seconds: >= FirstSecond and <= LastSecond, Nanos: >= 0 and < 1_000_000_000 };

        /// <summary>The moment; null where none was told.</summary>
        /// <exception cref="RpcException">INVALID_ARGUMENT with the field's name where no calendar has it.</exception>
        public DateTimeOffset? MomentOf(string field) =>
            told is null ? null
            : told.IsMoment ? told.ToDateTimeOffset()
            : throw Failure.InvalidField(field, $"{field} must be a time of the years 1 to 9999, its nanos 0 to 999,999,999.").ToRpcException();
    }
}
