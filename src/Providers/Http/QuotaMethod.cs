namespace ZohoPlatform.Providers.Http;

/// <summary>A provider's method with a quota of its own.</summary>
/// <param name="Name">Unique within the provider; part of the key in Redis.</param>
/// <param name="LockPeriod">For how long the provider refuses the method once a limit was passed.</param>
/// <param name="Limits">The documented limits; a call counts in all of them.</param>
public sealed record QuotaMethod(string Name, TimeSpan LockPeriod, params IReadOnlyList<QuotaLimit> Limits);

/// <summary>At most <paramref name="Calls"/> in any stretch of time as long as <paramref name="Window"/>.</summary>
public sealed record QuotaLimit(int Calls, TimeSpan Window);

/// <summary>What was used of a method's quota when it was asked for.</summary>
/// <param name="Usages">One per limit, in the order of <see cref="QuotaMethod.Limits"/>.</param>
/// <param name="LockedFor">How much longer nobody may call; null where the method is not locked.</param>
public sealed record QuotaState(IReadOnlyList<QuotaUsage> Usages, TimeSpan? LockedFor);

/// <summary>Calls counted in a limit's window.</summary>
/// <param name="Used">Calls within the window.</param>
/// <param name="Usable">At how many the platform stops: the ceiling's share of the documented limit.</param>
/// <param name="Limit">The documented limit.</param>
public sealed record QuotaUsage(int Used, int Usable, QuotaLimit Limit);
