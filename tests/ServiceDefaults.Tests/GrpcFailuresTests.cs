using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class GrpcFailuresTests
{
    public static TheoryData<FailureKind> Kinds => [.. Enum.GetValues<FailureKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_failure_comes_out_of_a_call_as_it_went_in(FailureKind kind)
    {
        var failure = new Failure(kind, "some_code", "Do this.") { Field = "email", RetryAfter = TimeSpan.FromMilliseconds(1500) };

        Assert.Equal(failure, failure.ToRpcException().ToFailure());
    }

    [Theory]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Cancelled)]
    [InlineData(StatusCode.Unimplemented)]
    public void A_status_that_no_caller_can_act_on_stays_an_exception(StatusCode status) =>
        Assert.Null(new RpcException(new Status(status, "boom")).ToFailure());

    [Fact]
    public void A_transports_words_about_sockets_are_not_passed_on()
    {
        var failure = new RpcException(new Status(StatusCode.Unavailable, "Connection refused (10.1.2.3:5000)")).ToFailure();

        Assert.Equal("service_unavailable", failure!.Code);
        Assert.DoesNotContain("10.1.2.3", failure.Message, StringComparison.Ordinal);
    }
}
