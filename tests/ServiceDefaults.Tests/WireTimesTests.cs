using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class WireTimesTests
{
    [Theory]
    [InlineData(-62_135_596_800, 0)]
    [InlineData(0, 999_999_999)]
    [InlineData(253_402_300_799, 999_999_999)]
    public void A_time_that_a_calendar_has_is_one(long seconds, int nanos) =>
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddTicks(nanos / 100), new Timestamp { Seconds = seconds, Nanos = nanos }.MomentOf("from"));

    [Theory]
    [InlineData(-62_135_596_801, 0)]
    [InlineData(253_402_300_800, 0)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1_000_000_000)]
    public void Another_one_is_refused_by_the_name_of_its_field(long seconds, int nanos)
    {
        var told = new Timestamp { Seconds = seconds, Nanos = nanos };

        var failure = Assert.Throws<RpcException>(() => told.MomentOf("filter.from")).ToFailure();

        Assert.Equal((FailureKind.Invalid, "filter.from"), (failure!.Kind, failure.Field));
    }

    [Fact]
    public void None_is_none() => Assert.Null(((Timestamp?)null).MomentOf("from"));
}
