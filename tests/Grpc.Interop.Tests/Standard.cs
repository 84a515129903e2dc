using Google.Protobuf;
using Grpc.Testing;

namespace ZohoPlatform.Grpc.Interop.Tests;

/// <summary>Names and sizes that the standard fixes (gRPC, Interoperability Test Case Descriptions).</summary>
internal static class Standard
{
    public const string EchoInitial = "x-grpc-test-echo-initial";
    public const string EchoTrailing = "x-grpc-test-echo-trailing-bin";
    public const string EncodingRequest = "grpc-internal-encoding-request";

    public const int LargeRequest = 271828;
    public const int LargeResponse = 314159;

    public static readonly int[] RequestSizes = [27182, 8, 1828, 45904];
    public static readonly int[] ResponseSizes = [31415, 9, 2653, 58979];

    public static Payload Zeros(int size) => new() { Body = UnsafeByteOperations.UnsafeWrap(new byte[size]) };
}
