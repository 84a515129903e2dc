using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Door;

/// <summary>A call on its way to a service.</summary>
/// <param name="Caller">In whose name it goes on.</param>
/// <param name="Timeout">How long its caller waits; null where they do not say.</param>
/// <param name="Clock">What it is held against.</param>
internal sealed record DoorCall(Caller Caller, TimeSpan? Timeout, TimeProvider Clock)
{
    // who holds it against the deadline first is a matter of luck: a service, whose answer is the better one, has it for itself
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly long _begun = Clock.GetTimestamp();

    /// <summary>Nobody waits for its answer any more.</summary>
    public bool IsLate => Clock.GetElapsedTime(_begun) >= Timeout;

    /// <summary>Of the time that it may take, what its caller gives it.</summary>
    public TimeSpan LifeOf(TimeSpan most) => Timeout + Grace is { } wanted && wanted < most ? wanted : most;

    /// <summary>As gRPC over HTTP/2 writes it: up to eight digits and a unit. Null where it is anything else: services refuse that.</summary>
    public static TimeSpan? TimeoutOf(HttpRequest request) =>
        request.Headers["grpc-timeout"].ToString() is { Length: > 1 and <= 9 } text
        && long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? text[^1] switch
            {
                'H' => TimeSpan.FromHours(count),
                'M' => TimeSpan.FromMinutes(count),
                'S' => TimeSpan.FromSeconds(count),
                'm' => TimeSpan.FromMilliseconds(count),
                'u' => TimeSpan.FromMicroseconds(count),
                'n' => TimeSpan.FromTicks(count / TimeSpan.NanosecondsPerTick),
                _ => null,
            }
            : null;
}

/// <summary>
/// In place of the server's, for the proxy: it would reset a stream whose service is lost or whose key has ended, and the caller would not
/// learn why.
/// </summary>
internal sealed class NoReset : IHttpResetFeature
{
    public void Reset(int errorCode)
    {
    }
}
