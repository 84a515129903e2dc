using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ZohoPlatform.Providers.Http;

/// <summary>
/// How one client's requests are sent. Outside in: one repetition where <see cref="ProviderRequest.Repeatable"/>, a circuit breaker,
/// one attempt's time. <see cref="HttpClient.Timeout"/> is the total. Lives as long as the process, as the factory rebuilds handlers every
/// two minutes; a breaker in them would forget what it saw.
/// </summary>
internal sealed partial class ProviderPipeline(TimeProvider clock, ILogger<ProviderPipeline> logger)
{
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(30);

    private static readonly ResiliencePropertyKey<HttpRequestMessage> RequestKey = new("request");

    // by host: a data centre that is down says nothing about the others
    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines = new(StringComparer.Ordinal);

    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(RequestKey, request);
        try
        {
            return await _pipelines.GetOrAdd(request.RequestUri!.Host, Build)
                .ExecuteAsync(async attempt => await send(attempt.CancellationToken), context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline<HttpResponseMessage> Build(string host) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = async arguments =>
                    ProviderRequest.Of(arguments.Context.Properties.GetValue(RequestKey, null!)).Repeatable
                    && await IsTransientAsync(arguments.Outcome),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.FromSeconds(1),
                UseJitter = true,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = arguments => IsTransientAsync(arguments.Outcome),
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = TimeSpan.FromSeconds(15),
                OnOpened = arguments =>
                {
                    LogOpened(host, arguments.BreakDuration);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    LogClosed(host);
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(AttemptTimeout)
            .Build();

    private static async ValueTask<bool> IsTransientAsync(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } response } => (await ProviderAnswer.ReadAsync(response, CancellationToken.None)).IsTransient,
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Host} does not answer: not called for {BreakDuration}")]
    private partial void LogOpened(string host, TimeSpan breakDuration);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Host} answers again")]
    private partial void LogClosed(string host);
}

/// <summary>Sends through the client's pipeline and reads the whole answer within the attempt's time.</summary>
internal sealed class ProviderPipelineHandler(ProviderPipeline pipeline) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipeline.SendAsync(
            request,
            async attempt =>
            {
                var response = await base.SendAsync(request, attempt);
                await response.Content.LoadIntoBufferAsync(ProviderAnswer.MaxBytes, attempt);
                return response;
            },
            cancellationToken);
}
