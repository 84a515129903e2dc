using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Tests;

/// <summary>Opens a result, or says what was in it instead.</summary>
internal static class Outcomes
{
    public static T Value<T>(Result<T> result)
        where T : notnull => result.Succeeded(out var value, out var failure)
            ? value
            : throw new InvalidOperationException($"It failed: {failure}");

    public static Failure Refusal<T>(Result<T> result)
        where T : notnull => result.Succeeded(out var value, out var failure)
            ? throw new InvalidOperationException($"It worked: {value}")
            : failure;
}
