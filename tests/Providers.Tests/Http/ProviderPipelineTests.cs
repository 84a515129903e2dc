using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Providers.Tests.Http;

public sealed class ProviderPipelineTests
{
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Only_what_may_be_repeated_is_repeated(bool repeatable, int sent)
    {
        var clock = StandingClock.Create();
        using var provider = new PlayedProvider().Answers("", HttpStatusCode.BadGateway);
        using var handler = new ProviderPipelineHandler(new ProviderPipeline(clock, NullLogger<ProviderPipeline>.Instance))
        {
            InnerHandler = provider,
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://campaigns.zoho.eu/");
        var call = new ProviderCall(TenantId.None, "connection-1", null, "test");
        new ProviderRequest(call, "test", new QuotaMethod("test", TimeSpan.FromMinutes(1)), repeatable).AttachTo(request);

        var answer = http.SendAsync(request);
        for (var second = 0; second < 5 && !answer.IsCompleted; second++)
        {
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(50)));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        using var response = await answer.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((HttpStatusCode.BadGateway, sent), (response.StatusCode, provider.Requests.Count));
    }

    [Fact]
    public async Task A_request_that_says_not_on_whose_behalf_it_is_sent_is_a_bug()
    {
        using var handler = new QuotaHandler(null!) { InnerHandler = new PlayedProvider() };
        using var http = new HttpClient(handler);

        await Assert.ThrowsAsync<InvalidOperationException>(() => http.GetAsync(new Uri("https://campaigns.zoho.eu/")));
    }
}
