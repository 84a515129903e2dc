using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client;

/// <summary>Which calls of a channel are repeated, and after how long.</summary>
internal sealed class Retries
{
    private const int MostAttempts = 5;

    private readonly Dictionary<(string Service, string Method), RetryPolicy> _policies = [];
    private readonly RetryThrottlingPolicy? _throttling;
    private readonly Lock _gate = new();
    private double _tokens;

    public Retries(ServiceConfig config)
    {
        foreach (var method in config.MethodConfigs)
        {
            if (method.RetryPolicy is not { } policy)
            {
                continue;
            }

            if (policy is not { MaxAttempts: >= 2, BackoffMultiplier: > 0, RetryableStatusCodes.Count: > 0 }
                || policy.InitialBackoff is not { Ticks: > 0 } || policy.MaxBackoff is not { Ticks: > 0 })
            {
                throw new InvalidOperationException(
                    "A retry policy needs two attempts or more, a status code to retry, and a multiplier and backoffs above zero.");
            }

            foreach (var name in method.Names)
            {
                _policies[(name.Service ?? "", name.Method ?? "")] = policy;
            }
        }

        _throttling = config.RetryThrottling;

        if (_throttling is not (null or { MaxTokens: >= 1 and <= 1000, TokenRatio: > 0 }))
        {
            throw new InvalidOperationException("Retry throttling needs 1 to 1000 tokens and a ratio above zero.");
        }

        _tokens = _throttling?.MaxTokens ?? 0;
    }

    /// <summary>The policy of a method; null where it is not to be repeated.</summary>
    public RetryPolicy? PolicyOf(IMethod method) =>
        _policies.GetValueOrDefault((method.ServiceName, method.Name))
        ?? _policies.GetValueOrDefault((method.ServiceName, ""))
        ?? _policies.GetValueOrDefault(("", ""));

    /// <summary>A response has begun.</summary>
    public void Succeeded()
    {
        if (_throttling is { } throttling)
        {
            lock (_gate)
            {
                _tokens = Math.Min(_tokens + throttling.TokenRatio!.Value, throttling.MaxTokens!.Value);
            }
        }
    }

    /// <summary>How long to wait after a failed attempt; null where it was the last.</summary>
    /// <param name="policy">The method's policy.</param>
    /// <param name="status">How the attempt failed.</param>
    /// <param name="attempt">Which attempt it was, from 1.</param>
    /// <param name="pushback">The server's own word, in milliseconds; anything but a number says that it wants no more.</param>
    public TimeSpan? DelayAfter(RetryPolicy policy, StatusCode status, int attempt, string? pushback)
    {
        if (!policy.RetryableStatusCodes.Contains(status) || Throttled() || attempt >= Math.Min(policy.MaxAttempts!.Value, MostAttempts))
        {
            return null;
        }

        if (pushback is not null)
        {
            return int.TryParse(pushback, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
                ? TimeSpan.FromMilliseconds(milliseconds)
                : null;
        }

        var backoff = policy.InitialBackoff!.Value * Math.Pow(policy.BackoffMultiplier!.Value, attempt - 1);
        var capped = backoff < policy.MaxBackoff!.Value ? backoff : policy.MaxBackoff.Value;
        return capped * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    private bool Throttled()
    {
        if (_throttling is not { } throttling)
        {
            return false;
        }

        lock (_gate)
        {
            _tokens = Math.Max(_tokens - 1, 0);
            return _tokens <= throttling.MaxTokens!.Value / 2.0;
        }
    }
}
