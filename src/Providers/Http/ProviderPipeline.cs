using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Telemetry;
using Polly.Timeout;

namespace ZohoPlatform.Providers.Http;

/// <summary>How one client's requests are sent.</summary>
internal static class ProviderPipeline
{
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    extension(IHttpClientBuilder client)
    {
        /// <summary>
        /// Outside in: one repetition where <see cref="ProviderRequest.Repeatable"/>, a circuit breaker, one attempt's time, in which the
        /// whole answer is read. <see cref="HttpClient.Timeout"/> is the total. What leads a request elsewhere comes after it.
        /// </summary>
        public IHttpClientBuilder AddProviderPipeline()
        {
            // a data centre that is down says nothing about the others, and an account that fails nothing about other tenants'
            client.AddResilienceHandler("provider", Configure).SelectPipelineBy(_ => request =>
                // the library tries it with a request of its own
                $"{request.RequestUri!.GetLeftPart(UriPartial.Authority)} {ProviderRequest.Find(request)?.Call.Tenant}");
            // what fails is told by who called, where and how often it counts; Polly would log each attempt with its stack
            client.Services.Configure<TelemetryOptions>(telemetry => telemetry.SeverityProvider = happened =>
                happened.Event.EventName is "OnCircuitOpened" or "OnCircuitClosed" ? happened.Event.Severity : ResilienceEventSeverity.Debug);
            return client.AddHttpMessageHandler(() => new WholeAnswerHandler());
        }
    }

    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ResilienceHandlerContext context)
    {
        pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
        pipeline
            // Polly's own options: those for HTTP repeat by the status, which here is not what an answer means, and wait as long as it says
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = async arguments =>
                    ProviderRequest.Of(arguments.Context.GetRequestMessage()!).Repeatable && await IsTransientAsync(arguments.Outcome),
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
            })
            .AddTimeout(AttemptTimeout);
    }

    private static async ValueTask<bool> IsTransientAsync(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { RequestMessage: { } request } response } when ProviderRequest.Of(request).LeavesBodyOf(response) => false,
        { Result: { } response } => (await ProviderAnswer.ReadAsync(response, CancellationToken.None)).IsTransient,
        _ => false,
    };

    private sealed class WholeAnswerHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (!ProviderRequest.Of(request).LeavesBodyOf(response))
            {
                await response.Content.LoadIntoBufferAsync(ProviderAnswer.MaxBytes, cancellationToken);
            }

            return response;
        }
    }
}
