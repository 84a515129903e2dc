using System.Data.Common;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.ServiceDefaults.Failures;

/// <summary>A database or Redis that is away: nobody's bug, and worth trying again.</summary>
public static class StorageOutage
{
    public static readonly Failure Failure = new(
        FailureKind.Unavailable, "storage_unavailable", "The platform's own storage does not answer; try again shortly.");

    /// <summary>
    /// Whether <paramref name="e"/> says that storage is away or has no room. Looked for inside too: EF Core wraps what a write met, twice,
    /// and a scheduler once more.
    /// </summary>
    public static bool Is(Exception? e) =>
        e is RedisUnavailableException or DbException { IsTransient: true } || (e?.InnerException is { } cause && Is(cause));
}
