using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ZohoPlatform.Client.AccessTokens;

/// <summary>The tokens that this process holds. They outlive the handlers that send them, which the factory renews every few minutes.</summary>
internal sealed class ConnectionTokens(PlatformClient platform, TimeProvider clock, ILogger<ConnectionToken> logger)
{
    private readonly ConcurrentDictionary<string, ConnectionToken> _tokens = new(StringComparer.Ordinal);

    public ConnectionToken Of(string connectionId) =>
        _tokens.GetOrAdd(connectionId, id => new ConnectionToken(id, platform.Connections, clock, logger));
}
