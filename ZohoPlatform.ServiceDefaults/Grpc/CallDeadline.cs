namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>Deadlines of gRPC calls.</summary>
public static class CallDeadline
{
    /// <summary>
    /// The moment <paramref name="limit"/> from now, by the system's clock whatever clock the host was given: that is the one which the gRPC
    /// client holds it against.
    /// </summary>
    public static DateTime In(TimeSpan limit) => (TimeProvider.System.GetUtcNow() + limit).UtcDateTime;
}
