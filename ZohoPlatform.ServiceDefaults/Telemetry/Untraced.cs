using System.Diagnostics;

namespace ZohoPlatform.ServiceDefaults.Telemetry;

/// <summary>Work that is done again and again by the clock: a trace of each time would tell nothing.</summary>
public static class Untraced
{
    /// <summary>Until it is disposed nothing here is traced, nor in the services that are called.</summary>
    public static Activity Begin() =>
        // not sampled: what begins under it is not either, in other processes by the flag of its traceparent
        new Activity("untraced").SetIdFormat(ActivityIdFormat.W3C).Start();
}
