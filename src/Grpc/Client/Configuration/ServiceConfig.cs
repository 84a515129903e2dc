using Grpc.Core;

namespace Grpc.Net.Client.Configuration;

/// <summary>How a channel treats its service: which address is called, which methods may be repeated (gRPC, Service Config).</summary>
public sealed class ServiceConfig
{
    /// <summary>How an address is chosen; the first one counts, and none means <see cref="PickFirstConfig"/>.</summary>
    public IList<LoadBalancingConfig> LoadBalancingConfigs { get; } = [];

    /// <summary>Settings by method; the one that names a call's method most exactly counts.</summary>
    public IList<MethodConfig> MethodConfigs { get; } = [];

    /// <summary>When the channel stops repeating because too much fails; null for never.</summary>
    public RetryThrottlingPolicy? RetryThrottling { get; set; }
}

/// <summary>How an address is chosen.</summary>
public abstract class LoadBalancingConfig
{
    private protected LoadBalancingConfig()
    {
    }
}

/// <summary>The first address that can be connected to, always.</summary>
public sealed class PickFirstConfig : LoadBalancingConfig;

/// <summary>All addresses in turn.</summary>
public sealed class RoundRobinConfig : LoadBalancingConfig;

/// <summary>Settings for some methods.</summary>
public sealed class MethodConfig
{
    /// <summary>Which methods.</summary>
    public IList<MethodName> Names { get; } = [];

    /// <summary>How these methods are repeated; null for not at all.</summary>
    public RetryPolicy? RetryPolicy { get; set; }
}

/// <summary>One method, all methods of a service where <see cref="Method"/> is empty, all methods where both are.</summary>
public sealed class MethodName
{
    /// <summary>All methods.</summary>
    public static readonly MethodName Default = new();

    /// <summary>Package and service.</summary>
    public string? Service { get; set; }

    /// <summary>The method alone.</summary>
    public string? Method { get; set; }
}

/// <summary>
/// How a call is repeated that failed before its response began (gRPC, Retry Design). All values are required: only who names a method
/// knows that repeating it is safe.
/// </summary>
public sealed class RetryPolicy
{
    /// <summary>Attempts in all, the first included; two or more, and never more than five.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>The wait after the first attempt, give or take a fifth.</summary>
    public TimeSpan? InitialBackoff { get; set; }

    /// <summary>The longest wait, give or take a fifth.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>By what the wait grows from one attempt to the next.</summary>
    public double? BackoffMultiplier { get; set; }

    /// <summary>What may be repeated; one code at least.</summary>
    public IList<StatusCode> RetryableStatusCodes { get; } = [];
}

/// <summary>
/// A store of tokens for the whole channel: a failure takes one, a success gives <see cref="TokenRatio"/> back, and calls are repeated only
/// while more than half are left (gRPC, Retry Design, Throttling).
/// </summary>
public sealed class RetryThrottlingPolicy
{
    /// <summary>How many tokens there are at most, and at first; 1 to 1000.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>What a success gives back; more than zero.</summary>
    public double? TokenRatio { get; set; }
}
