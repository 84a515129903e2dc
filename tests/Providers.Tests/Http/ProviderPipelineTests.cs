using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Providers.Tests.Http;

public sealed class ProviderPipelineTests : IDisposable
{
    private const string Client = "client";
    private const string Europe = "https://campaigns.zoho.eu/";

    private readonly FakeTimeProvider _clock = StandingClock.Create();
    private readonly PlayedProvider _provider = new();
    private readonly RecordedLog _log = new();
    private readonly ServiceProvider _services;

    public ProviderPipelineTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock).AddLogging(logging => logging.AddProvider(_log));
        services.AddHttpClient(Client)
            .RemoveAllLoggers()
            .AddProviderPipeline()
            .ConfigurePrimaryHttpMessageHandler(() => _provider)
            // the shortest that the factory takes
            .SetHandlerLifetime(TimeSpan.FromSeconds(1));
        _services = services.BuildServiceProvider();
    }

    private IHttpMessageHandlerFactory Handlers => _services.GetRequiredService<IHttpMessageHandlerFactory>();

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Only_what_may_be_repeated_is_repeated(bool repeatable, int sent)
    {
        _provider.Answers("", HttpStatusCode.BadGateway);
        using var request = RequestTo(Europe, repeatable);
        using var http = _services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);

        var answer = http.SendAsync(request);
        await Eventually.GetAsync(
            () =>
            {
                // the wait before a repetition may not have begun yet
                if (_provider.Requests.Count < sent)
                {
                    _clock.Advance(TimeSpan.FromSeconds(1));
                }

                return Task.FromResult(_provider.Requests.Count);
            },
            count => count >= sent);

        using var response = await answer.WaitAsync(Eventually.Limit);
        Assert.Equal((HttpStatusCode.BadGateway, sent), (response.StatusCode, _provider.Requests.Count));
    }

    [Fact]
    public async Task A_new_handler_still_knows_that_a_data_centre_is_down()
    {
        var first = Handlers.CreateHandler(Client);
        await BreakAsync(first);
        var second = await Eventually.GetAsync(
            () => Task.FromResult(Handlers.CreateHandler(Client)), handler => !ReferenceEquals(handler, first));

        await Assert.ThrowsAsync<BrokenCircuitException>(() => SendAsync(second, Europe));
    }

    [Fact]
    public async Task A_tenant_whose_calls_fail_keeps_no_other_from_the_data_centre()
    {
        var handler = Handlers.CreateHandler(Client);
        await BreakAsync(handler);
        _provider.Answers("{}");

        await Assert.ThrowsAsync<BrokenCircuitException>(() => SendAsync(handler, Europe));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(handler, Europe, new TenantId(Guid.NewGuid())));
    }

    [Fact]
    public async Task What_is_told_of_a_failure_names_the_data_centre_and_holds_no_address()
    {
        await BreakAsync(Handlers.CreateHandler(Client), $"{Europe}fake-path?token=fake-token");

        // and nothing of the attempts before
        var opened = Assert.Single(_log.Lines);
        Assert.Contains("OnCircuitOpened", opened, StringComparison.Ordinal);
        Assert.Contains("https://campaigns.zoho.eu", opened, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("fake-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_says_not_on_whose_behalf_it_is_sent_is_a_bug()
    {
        using var handler = new QuotaHandler(null!) { InnerHandler = new PlayedProvider() };
        using var http = new HttpClient(handler);

        await Assert.ThrowsAsync<InvalidOperationException>(() => http.GetAsync(new Uri(Europe)));
    }

    public void Dispose() => _services.Dispose();

    private async Task BreakAsync(HttpMessageHandler handler, string address = Europe)
    {
        _provider.BreaksTheConnection();
        for (var call = 0; call < 10; call++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(handler, address));
        }
    }

    private static async Task<HttpStatusCode> SendAsync(HttpMessageHandler handler, string address, TenantId tenant = default)
    {
        using var http = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = RequestTo(address, repeatable: false, tenant);
        using var response = await http.SendAsync(request, CancellationToken.None);
        return response.StatusCode;
    }

    private static HttpRequestMessage RequestTo(string address, bool repeatable, TenantId tenant = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address);
        var call = new ProviderCall(tenant, "connection-1", "", "test");
        new ProviderRequest(call, "test", new QuotaMethod("test", TimeSpan.FromMinutes(1)), repeatable).AttachTo(request);
        return request;
    }
}
