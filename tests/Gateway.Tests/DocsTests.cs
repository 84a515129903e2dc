using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests;

public sealed partial class DocsTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task Every_endpoint_says_what_it_is_for_and_how_it_fails()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            Assert.True(operation.TryGetProperty("summary", out var summary) && summary.GetString()!.Length > 5, name);
            Assert.True(operation.TryGetProperty("description", out _), name);
            Assert.True(operation.TryGetProperty("operationId", out _), name);
            Assert.True(operation.TryGetProperty("tags", out _), name);
            var responses = operation.GetProperty("responses").EnumerateObject().ToList();
            Assert.Contains(responses, response => response.Name[0] is '2' or '3');
            var isPage = IsPage(name);
            foreach (var status in new[] { "429", "500", "503" })
            {
                Assert.True(operation.GetProperty("responses").TryGetProperty(status, out var failure), $"{name} {status}");
                var content = failure.GetProperty("content");
                Assert.Equal(isPage ? "text/html" : "application/problem+json", content.EnumerateObject().Single().Name);
                if (isPage)
                {
                    continue;
                }

                var problem = content.GetProperty("application/problem+json");
                Assert.Equal(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), problem.GetProperty("example").GetProperty("status").GetInt32());
            }
        }
    }

    [Fact]
    public async Task Every_endpoint_with_a_body_shows_one_and_its_answer()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            if (operation.TryGetProperty("requestBody", out var body))
            {
                Assert.All(body.GetProperty("content").EnumerateObject(), media => Assert.True(media.Value.TryGetProperty("example", out _), name));
            }

            foreach (var response in operation.GetProperty("responses").EnumerateObject().Where(response => response.Name[0] is '2'))
            {
                if (response.Value.TryGetProperty("content", out var content))
                {
                    // a page for people is no example for a program
                    Assert.All(content.EnumerateObject().Where(media => media.Name != "text/html"), media =>
                        Assert.True(media.Value.TryGetProperty("example", out _), name));
                }
            }
        }
    }

    [Fact]
    public async Task Every_endpoint_that_needs_a_key_says_so()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var anonymous = IsPage(name) || name.Contains(" /webhooks/", StringComparison.Ordinal) || name.EndsWith(" /api/v1/crm/{provider}/oauth", StringComparison.Ordinal);
            Assert.Equal(!anonymous, operation.TryGetProperty("security", out _));
            Assert.Equal(!anonymous, operation.GetProperty("responses").TryGetProperty("401", out _) && !anonymous);
        }
    }

    [Theory]
    [InlineData("ContactFields", "email")]
    [InlineData("NewApiKey", "name,role")]
    [InlineData("NewConnection", "provider")]
    [InlineData("ZohoSettings", "")]
    [InlineData("Contact", "attempts,fields,id,status")]
    [InlineData("NewSync", "source")]
    [InlineData("NewMessage", "direction,external_id")]
    [InlineData("MessagingChannelChange", "")]
    [InlineData(
        "Sync",
        "calls,consent_columns,contacts_per_minute,counts,dry_run,filters,id,ignored_columns,list_key,mapping,rate,sends_confirmations,source,state,unmapped_columns")]
    public async Task A_schema_requires_what_is_always_there_and_nothing_else(string schema, string required)
    {
        using var anyone = _gateway.CreateClient(key: null);
        var schemas = (await anyone.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");

        var listed = schemas.GetProperty(schema).TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()) : [];

        Assert.Equal(required, string.Join(',', listed.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task What_is_not_json_is_described_as_what_it_is()
    {
        var operations = (await OperationsAsync()).ToDictionary(operation => operation.Name, operation => operation.Operation, StringComparer.Ordinal);
        static string[] Types(JsonElement holder) => [.. holder.GetProperty("content").EnumerateObject().Select(media => media.Name)];
        static JsonElement Ok(JsonElement operation) => operation.GetProperty("responses").GetProperty("200");

        var upload = operations["POST /api/v1/campaigns/sync-sources"];
        Assert.Equal(["text/csv", "application/x-ndjson"], Types(upload.GetProperty("requestBody")));
        Assert.DoesNotContain("Idempotency-Key", upload.GetProperty("parameters").ToString(), StringComparison.Ordinal);
        Assert.Equal(["text/event-stream"], Types(Ok(operations["GET /api/v1/campaigns/syncs/{id}/events"])));
        Assert.Equal(["application/json", "text/csv"], Types(Ok(operations["GET /api/v1/campaigns/syncs/{id}/contacts"])));
        Assert.Equal(["text/csv"], Types(Ok(operations["GET /api/v1/campaigns/syncs/{id}/contacts.csv"])));
    }

    [Fact]
    public async Task Every_parameter_says_what_it_is()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            if (operation.TryGetProperty("parameters", out var parameters))
            {
                Assert.All(parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() != "path"), parameter =>
                    Assert.True(parameter.TryGetProperty("description", out _), $"{name}: {parameter}"));
            }
        }
    }

    [Fact]
    public async Task The_request_file_has_one_request_per_endpoint()
    {
        var file = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "gateway.http"));
        var requests = RequestLine().Matches(file)
            .Select(match => $"{match.Groups["method"].Value} {match.Groups["path"].Value.Split('?')[0]}"
                .Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal));

        Assert.Equal((await OperationsAsync()).Select(operation => operation.Name).Order(StringComparer.Ordinal), requests.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_documentation_page_is_served_without_a_key()
    {
        using var anyone = _gateway.CreateClient(key: null);

        var start = await anyone.GetAsync("/");
        var page = await anyone.GetAsync("/swagger/index.html");

        Assert.Equal((HttpStatusCode.Found, "/swagger"), (start.Status, start.Header("Location")));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain("'none'; script-src 'unsafe-inline'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        // the page's script is a file of its own: an inline one would be blocked
        Assert.DoesNotMatch("<script(?![^>]*src=)[^>]*>", page.Text);
    }

    // what a person opens in a browser
    private static bool IsPage(string name) =>
        name.Contains(" /connect/", StringComparison.Ordinal) || name.Contains(" /open/", StringComparison.Ordinal) || name.EndsWith("/callback", StringComparison.Ordinal);

    private async Task<IReadOnlyList<(string Name, JsonElement Operation)>> OperationsAsync()
    {
        using var anyone = _gateway.CreateClient(key: null);
        var document = await anyone.GetAsync("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, document.Status);
        return
        [
            .. document.Json.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
                .Select(operation => ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value))),
        ];
    }

    [GeneratedRegex(@"^(?<method>GET|POST|PATCH|DELETE) \{\{host\}\}(?<path>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RequestLine();
}
