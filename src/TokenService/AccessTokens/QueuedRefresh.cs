using ZohoPlatform.Storage;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>Says when a connection's token is to be replaced, and nothing of the token. The id is the connection's.</summary>
internal sealed class QueuedRefresh : QueuedWork
{
    /// <summary>When the token that was used ends. From then on the next caller refreshes, if there ever is one.</summary>
    public required DateTimeOffset Until { get; init; }
}
