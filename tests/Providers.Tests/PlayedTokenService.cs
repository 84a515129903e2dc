using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Providers.Tests;

/// <summary>
/// The token service as its client sees it: hands out <c>1000.fake.1</c>, and the next number for every token that is reported.
/// </summary>
internal sealed class PlayedTokenService(TimeProvider clock) : CallInvoker
{
    private readonly ConcurrentQueue<(GetAccessTokenRequest Request, CallOptions Options)> _asked = new();
    private readonly ConcurrentQueue<ReportRejectedTokenRequest> _reported = new();

    public IReadOnlyList<(GetAccessTokenRequest Request, CallOptions Options)> Asked => [.. _asked];

    public IReadOnlyList<ReportRejectedTokenRequest> Reported => [.. _reported];

    /// <summary>Life of the tokens it hands out.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The connection that serves every feature.</summary>
    public string Serves { get; set; } = "connection-1";

    /// <summary>The version of what it hands out.</summary>
    public long Version { get; set; } = 1;

    /// <summary>What it fails with, if it does.</summary>
    public RpcException? Fails { get; set; }

    /// <summary>How the provider of the connection wants its tokens.</summary>
    public string Scheme { get; set; } = "Zoho-oauthtoken";

    /// <summary>Whether a reported token is replaced.</summary>
    public bool Replaces { get; set; } = true;

    /// <summary>Whether it says that the provider accepts a reported token.</summary>
    public bool Accepts { get; set; }

    /// <summary>What it hands out instead of tokens of its own.</summary>
    public string? AccessToken { get; set; }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        object answer;
        switch (request)
        {
            case GetAccessTokenRequest asked:
                _asked.Enqueue((asked, options));
                answer = new GetAccessTokenResponse
                {
                    AccessToken = AccessToken ?? $"1000.fake.{1 + (Replaces ? _reported.Count : 0)}",
                    ExpiresAt = Timestamp.FromDateTimeOffset(clock.GetUtcNow() + Life),
                    ConnectionId = asked.ConnectionId.Length > 0 ? asked.ConnectionId : Serves,
                    Version = Version,
                    AuthorizationScheme = Scheme,
                };
                break;
            case ReportRejectedTokenRequest reported:
                _reported.Enqueue(reported);
                answer = new ReportRejectedTokenResponse { Replaced = Replaces, Accepted = Accepts };
                break;
            default:
                throw new NotSupportedException(method.FullName);
        }

        return new AsyncUnaryCall<TResponse>(
            Fails is null ? Task.FromResult((TResponse)answer) : Task.FromException<TResponse>(Fails),
            Task.FromResult(new Metadata()),
            () => Status.DefaultSuccess,
            () => [],
            () => { });
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
}
