using Microsoft.AspNetCore.Http;
using ZohoPlatform.Gateway.Door;

namespace ZohoPlatform.Gateway.Tests.Door;

public sealed class DoorCallTests
{
    [Theory]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("3S", 3_000)]
    [InlineData("99999999m", 99_999_999)]
    [InlineData("5000u", 5)]
    [InlineData("6000000n", 6)]
    [InlineData("", null)]
    [InlineData("5", null)]
    [InlineData("5s", null)]
    [InlineData("-5S", null)]
    [InlineData("999999999S", null)]
    public void A_deadline_is_read_as_grpc_writes_it(string text, int? milliseconds)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers["grpc-timeout"] = text;

        Assert.Equal(milliseconds, DoorCall.TimeoutOf(request)?.TotalMilliseconds);
    }
}
