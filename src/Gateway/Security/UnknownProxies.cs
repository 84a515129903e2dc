using System.Net;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Gateway.Security;

/// <summary>
/// Says once that a proxy is in front of the gateway which its settings do not name: what it tells of its clients is left aside, and all of
/// them count as one address.
/// </summary>
internal sealed partial class UnknownProxies(IOptions<ForwardedHeadersOptions> options, ILogger<UnknownProxies> logger) : IMiddleware
{
    private bool _isTold;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!_isTold && IsForwarded(context.Request.Headers) && !IsKnown(context.Connection.RemoteIpAddress)
            && !Interlocked.Exchange(ref _isTold, true))
        {
            LogUnknown();
        }

        return next(context);
    }

    private static bool IsForwarded(IHeaderDictionary headers) =>
        headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("X-Forwarded-Proto") || headers.ContainsKey("Forwarded");

    private bool IsKnown(IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return options.Value.KnownProxies.Contains(plain) || options.Value.KnownIPNetworks.Any(network => network.Contains(plain));
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Requests come with X-Forwarded-* from an address that Gateway:KnownProxies does not name: they are not believed, and all clients "
            + "behind it are one address to rate limits and in the audit. Name the proxy there; where there is none, somebody sends what is none of "
            + "theirs. This is not logged again")]
    private partial void LogUnknown();
}
