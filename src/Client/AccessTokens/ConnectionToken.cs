using Microsoft.Extensions.Logging;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Client.Connections;

namespace ZohoPlatform.Client.AccessTokens;

/// <summary>One connection's access token, kept until shortly before it ends. However many callers want one, the gateway is asked once.</summary>
internal sealed partial class ConnectionToken(
    string connectionId, ConnectionsClient connections, TimeProvider clock, ILogger<ConnectionToken> logger)
{
    // less than the minute that the gateway promises of a new one, or each call would ask again
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private AccessToken? _held;
    private Task<AccessToken>? _coming;

    public string ConnectionId => connectionId;

    public Task<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _coming is null && _held is { } held && clock.GetUtcNow() < held.ExpiresAt - Margin
                ? Task.FromResult(held)
                : Share(FetchAsync).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Reports a token that the provider answered 401 to, once for all who were. The same one comes back where that fails.</summary>
    public Task<AccessToken> ReplaceAsync(AccessToken rejected, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_coming is null && _held?.Token == rejected.Token)
            {
                return Share(() => ReportAsync(rejected)).WaitAsync(cancellationToken);
            }
        }

        return GetAsync(cancellationToken);
    }

    // no caller's token ends it: the others wait for it too
    private Task<AccessToken> Share(Func<Task<AccessToken>> bring) => _coming ??= Task.Run(async () =>
    {
        try
        {
            return await bring();
        }
        finally
        {
            lock (_lock)
            {
                _coming = null;
            }
        }
    });

    private async Task<AccessToken> FetchAsync()
    {
        var token = await connections.GetAccessTokenAsync(connectionId);
        lock (_lock)
        {
            _held = token;
        }

        return token;
    }

    private async Task<AccessToken> ReportAsync(AccessToken rejected)
    {
        try
        {
            await connections.ReportRejectedTokenAsync(connectionId, rejected.Token);
        }
        catch (PlatformException e)
        {
            // the caller gets the provider's own 401, and the next one reports again
            LogNotReported(e, connectionId, e.Code);
            return rejected;
        }

        lock (_lock)
        {
            _held = null;
        }

        return await FetchAsync();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Connection {ConnectionId}: the provider refused the access token, and the platform took no report of it ({Code}).")]
    private partial void LogNotReported(PlatformException exception, string connectionId, string code);
}
