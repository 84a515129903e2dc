using System.Data.Common;
using ZohoPlatform.ServiceDefaults.Redis;

namespace ZohoPlatform.ServiceDefaults.Failures;

/// <summary>A database or Redis that is away: nobody's bug, and worth trying again.</summary>
public static class StorageOutage
{
    public static readonly Failure Failure = new(
        FailureKind.Unavailable, "storage_unavailable", "The platform's own storage does not answer; try again shortly.");

    /// <summary>
    /// Whether <paramref name="e"/> says that storage is away, has no room or may not write for now. Looked for inside too: EF Core wraps
    /// what a write met, twice, and a scheduler once more.
    /// </summary>
    public static bool Is(Exception? e) => e switch
    {
        // the server says of a caller's own end what it says of an operator's
        null or OperationCanceledException => false,
        RedisUnavailableException or DbException { IsTransient: true } => true,
        DbException { SqlState: { } state } when IsPassing(state) => true,
        _ => Is(e.InnerException),
    };

    // what passes by itself or by an operator's hand, and is not transient to Npgsql
    private static bool IsPassing(string sqlState) =>
        sqlState is "25006"             // read-only, as a standby is after a failover
            or "25P03" or "25P04"       // a transaction took longer than the server lets any
        || sqlState.StartsWith("57", StringComparison.Ordinal);     // an operator, or a limit that one has set, ended it
}
