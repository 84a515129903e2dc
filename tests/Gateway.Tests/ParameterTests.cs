using System.Net;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>Parameters of the query that an operation does not take.</summary>
public sealed class ParameterTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Contacts = "/api/v1/campaigns/contacts";

    // others than its callers add parameters there
    private static readonly string[] LeftAlone =
    [
        "GET /api/v1/crm/{provider}/callback", "GET /connect/{link}", "GET /connect/{link}/provider", "GET /open/{token}", "GET /webhooks/whatsapp/{channel}",
        "POST /webhooks/whatsapp/{channel}", "POST /webhooks/zoho/crm/{channel}",
    ];

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task Every_operation_names_a_parameter_that_it_does_not_take()
    {
        using var platform = _gateway.CreateClient();
        var paths = (await platform.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        var silent = new List<string>();
        foreach (var (path, verb) in paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(verb => (path.Name, verb.Name))))
        {
            var name = $"{verb.ToUpperInvariant()} {path}";
            if (LeftAlone.Contains(name, StringComparer.Ordinal))
            {
                continue;
            }

            var answer = await platform.SendAsync(new HttpMethod(verb.ToUpperInvariant()), $"{path.Replace('{', 'x').Replace('}', 'x')}?nope=1", content: null);
            if (answer.Status is not HttpStatusCode.BadRequest || answer.Json.GetProperty("code").GetString() != "unknown_parameter")
            {
                silent.Add($"{name}: {answer.Status}");
            }
        }

        Assert.Empty(silent);
    }

    [Theory]
    [InlineData("page_sise=5", "page_sise", "This operation has no parameter page_sise; did you mean page_size? It takes page_size, ")]
    [InlineData("pageToken=5", "pageToken", "This operation has no parameter pageToken; did you mean page_token? It takes page_token, ")]
    [InlineData("page_size=5&color=red", "color", "This operation has no parameter color. It takes ")]
    public async Task It_is_named_with_those_that_there_are_and_the_nearest_first(string query, string field, string detail)
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await viewer.GetAsync($"{Contacts}?{query}");

        answer.AssertProblem(HttpStatusCode.BadRequest, "unknown_parameter", field);
        var told = answer.Json.GetProperty("detail").GetString()!;
        Assert.StartsWith(detail, told, StringComparison.Ordinal);
        Assert.Equal(
            ["email", "from", "order_by", "page_size", "page_token", "status", "to"],
            told.Split("It takes ")[1].TrimEnd('.').Split(", ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_stands_in_its_path_is_no_parameter_of_the_query()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await viewer.GetAsync($"{Contacts}/r1?id=r2")).AssertProblem(HttpStatusCode.BadRequest, "unknown_parameter", "id");
    }

    [Fact]
    public async Task A_stream_of_events_leaves_alone_what_readers_add_and_nothing_else()
    {
        _gateway.Services.Messaging.WatchMessages = (_, _, _) => Task.CompletedTask;
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("/api/v1/messages/events?lastEventId=7")).Status);
        (await viewer.GetAsync("/api/v1/messages/events?lastEventId=7&conversation=c1"))
            .AssertProblem(HttpStatusCode.BadRequest, "unknown_parameter", "conversation");
    }

    [Fact]
    public async Task What_is_no_name_is_not_repeated()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await viewer.GetAsync($"{Contacts}?ada%40example.com=1");

        answer.AssertProblem(HttpStatusCode.BadRequest, "unknown_parameter");
        Assert.DoesNotContain("example.com", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_taken_in_another_case_is_not_refused()
    {
        _gateway.Services.ListRegistrations = (_, _) => new ListRegistrationsResponse();
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync($"{Contacts}?Page_Size=5")).Status);
    }

    [Fact]
    public async Task A_provider_may_add_parameters_to_its_callback()
    {
        using var browser = _gateway.CreateClient(key: null);

        var answer = await browser.GetAsync("/api/v1/crm/zoho/callback?code=1000.fake&state=x&added=later");

        Assert.DoesNotContain("no parameter added", answer.Text, StringComparison.Ordinal);
        Assert.Contains("another browser", answer.Text, StringComparison.Ordinal);
    }
}
