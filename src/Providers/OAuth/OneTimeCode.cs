using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.OAuth;

/// <summary>What became of a code of a callback: a provider takes it once, whether its answer arrives or not.</summary>
internal static class OneTimeCode
{
    /// <summary>A failure that would pass says that this code does not: only a new one helps, and waiting for the old one never.</summary>
    public static Result<TokenGrant> Of(Result<TokenGrant> exchanged) =>
        exchanged.Succeeded(out _, out var failure) || failure.Kind is not (FailureKind.Unavailable or FailureKind.RateLimited)
            ? exchanged
            : failure with { Message = $"{failure.Message} A code works once: begin again with a new one." };
}
