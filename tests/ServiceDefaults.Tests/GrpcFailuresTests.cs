using System.Text;
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

    public static TheoryData<string> Endless =>
    [
        new string('Z', 100_000),
        new string('%', 9_000),
        new string('漢', 9_000),
        string.Concat(Enumerable.Repeat("🦜", 9_000)),
        "x" + string.Concat(Enumerable.Repeat("🦜", 9_000)),
        new string('\ud83e', 9_000),
        new string('\n', 9_000),
    ];

    [Theory]
    [MemberData(nameof(Endless))]
    public void However_long_the_input_is_that_a_failure_quotes_its_headers_stay_small(string input)
    {
        var failure = new Failure(FailureKind.Invalid, input, $"There is no column {input}.") { Field = input };

        var thrown = failure.ToRpcException();

        Assert.InRange(Encoded(thrown.Status.Detail), 2000, 2048);
        Assert.All(thrown.Trailers.Where(trailer => !trailer.IsBinary), trailer => Assert.InRange(Encoded(trailer.Value), 1, 256));
        // google.rpc.Status, in base64; with the rest it stays below the 8 KB that other makes of clients bound headers to
        var details = Assert.Single(thrown.Trailers, trailer => trailer.IsBinary);
        Assert.InRange(details.ValueBytes.Length, 1, 3600);
        Assert.StartsWith("There is no column ", thrown.Status.Detail, StringComparison.Ordinal);
        Assert.EndsWith("...", thrown.Status.Detail, StringComparison.Ordinal);
        Assert.StartsWith(thrown.Status.Detail[..^3], failure.Message, StringComparison.Ordinal);
        Assert.False(char.IsHighSurrogate(thrown.Status.Detail[^4]) && char.IsLowSurrogate(failure.Message[thrown.Status.Detail.Length - 3]));
    }

    [Fact]
    public void A_message_that_just_fits_is_not_cut()
    {
        var failure = new Failure(FailureKind.Invalid, "some_code", new string('z', 2048));

        Assert.Equal(failure, failure.ToRpcException().ToFailure());
    }

    [Fact]
    public void A_transports_words_about_sockets_are_not_passed_on()
    {
        var failure = new RpcException(new Status(StatusCode.Unavailable, "Connection refused (10.1.2.3:5000)")).ToFailure();

        Assert.Equal("service_unavailable", failure!.Code);
        Assert.DoesNotContain("10.1.2.3", failure.Message, StringComparison.Ordinal);
    }

    // as gRPC writes it in a header
    private static int Encoded(string text) => Encoding.UTF8.GetBytes(text).Sum(octet => octet is >= 0x20 and <= 0x7e and not (byte)'%' ? 1 : 3);
}
