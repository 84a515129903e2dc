using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Tests;

/// <summary>
/// Each failure that an operation's description names reaches its caller as that status: what the gateway itself refuses (400, 401, 413, 415, 422),
/// and what a service refuses it with (403, 404, 409; whether the service ever does is its own tests' matter). 429, 500 and 503 are the same for
/// all: RateLimitTests and MissingServiceTests. That an operation gives none that it does not name is looked at by <see cref="GatewayHost"/>, in every test.
/// </summary>
public sealed class DocumentedFailureTests(SharedGateway shared) : IClassFixture<SharedGateway>, IAsyncLifetime
{
    // no service's word: of the gateway's own state, or of several services, each of which is told in the answer
    private static readonly string[] ByItself =
    [
        "DELETE /api/v1/admin/keys/{id}", "POST /api/v1/admin/keys/{id}/rotate-secret", "POST /api/v1/admin/tenants",
        "DELETE /api/v1/admin/tenants/{id}", "POST /api/v1/admin/tenants/{id}/keys", "POST /api/v1/key-ring/rotations",
        "POST /api/settings/integrations/zoho/test", "POST /api/settings/integrations/hubspot/test",
    ];

    private readonly string _usedKey = $"used-{Guid.NewGuid():N}";
    private readonly GatewayHost _gateway = shared.Host;

    private RestClient _platform = null!;
    private RestClient _admin = null!;
    private RestClient _viewer = null!;
    private RestClient _nobody = null!;

    public async Task InitializeAsync()
    {
        _platform = _gateway.CreateClient();
        var (tenant, key) = await _gateway.CreateTenantAsync();
        _admin = _gateway.CreateClient(key);
        var viewer = await _platform.PostAsync($"/api/v1/admin/tenants/{tenant}/keys", new { name = "looks", role = "viewer" });
        _viewer = _gateway.CreateClient(viewer.Json.GetProperty("key").GetString());
        _nobody = _gateway.CreateClient(key: null);
        Assert.Equal(
            HttpStatusCode.Created,
            (await _admin.PostAsync("/api/v1/admin/keys", new { name = "more", role = "viewer" }, (IdempotentRequests.HeaderName, _usedKey))).Status);
        Assert.Equal(
            HttpStatusCode.Created,
            (await _platform.PostAsync("/api/v1/admin/tenants", new { name = $"t-{Guid.NewGuid():N}" }, (IdempotentRequests.HeaderName, _usedKey))).Status);
    }

    public Task DisposeAsync()
    {
        foreach (var client in (RestClient[])[_platform, _admin, _viewer, _nobody])
        {
            client.Dispose();
        }

        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(412)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    public async Task An_operation_fails_as_its_description_says(int status)
    {
        var silent = new List<string>();
        foreach (var operation in await OperationsAsync())
        {
            if (!operation.Documents(status)
                // 256 MiB, which SourceUploadTests send
                || (status is 413 && operation.Name.EndsWith("/sync-sources", StringComparison.Ordinal))
                || (status is 409 && ByItself.Contains(operation.Name, StringComparer.Ordinal)))
            {
                continue;
            }

            _gateway.Services.Refuses = status switch
            {
                // whatever its query holds
                400 when operation.Endpoint.Metadata.GetMetadata<AnyParameters>() is not null =>
                    new Failure(FailureKind.Invalid, "body_unreadable", "The body cannot be read."),
                // who is known by a signature is refused by the service behind it
                401 when operation.Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null =>
                    new Failure(FailureKind.Unauthenticated, "signature_missing", "The body is not signed."),
                403 => new Failure(FailureKind.Forbidden, "not_for_you", "The key may not do this."),
                404 => new Failure(FailureKind.NotFound, "thing_not_found", "There is no such thing."),
                409 => new Failure(FailureKind.Conflict, "thing_not_ready", "The thing is in another state."),
                412 => new Failure(FailureKind.Conflict, "etag_mismatch", "It was changed meanwhile."),
                _ => null,
            };
            var answer = await ProvokeAsync(operation, status);
            _gateway.Services.Refuses = null;
            if ((int)answer.Status != status)
            {
                silent.Add(string.Create(CultureInfo.InvariantCulture, $"{operation.Name}: {(int)answer.Status} {answer.Text}"));
            }
        }

        Assert.True(silent.Count == 0, string.Join('\n', silent));
    }

    private Task<Answer> ProvokeAsync(Operation operation, int status) => status switch
    {
        400 => operation.SendAsync(ClientOf(operation), query: "nope=1", headers: ("Last-Event-ID", "x")),
        401 => operation.SendAsync(_nobody),
        // who may call it all the same is refused by the service behind it
        403 => operation.SendAsync(_viewer),
        413 => operation.SendAsync(ClientOf(operation), body: new string(' ', operation.MaxBodyBytes + 1), headers: ("Expect", "100-continue")),
        415 => operation.SendAsync(ClientOf(operation), contentType: "text/plain"),
        422 => operation.SendAsync(ClientOf(operation), headers: (IdempotentRequests.HeaderName, _usedKey)),
        _ => operation.SendAsync(ClientOf(operation)),
    };

    private RestClient ClientOf(Operation operation) => operation.IsPlatforms ? _platform : _admin;

    private async Task<List<Operation>> OperationsAsync()
    {
        var paths = (await _nobody.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        var endpoints = _gateway.Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null)
            .ToDictionary(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, StringComparer.Ordinal);
        return
        [
            .. from path in paths.EnumerateObject()
               from verb in path.Value.EnumerateObject()
               select new Operation(verb.Name.ToUpperInvariant(), path.Name, verb.Value, endpoints[verb.Value.GetProperty("operationId").GetString()!]),
        ];
    }

    private sealed record Operation(string Method, string Path, JsonElement Description, Endpoint Endpoint)
    {
        public string Name => $"{Method} {Path}";

        public bool IsPlatforms => Endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy == Policies.Platform);

        public int MaxBodyBytes =>
            (int)(Endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? RequestLimits.MaxBodyBytes);

        // what a person's browser opens fails with a page, which OAuthTests look at
        public bool Documents(int status) =>
            Description.GetProperty("responses").TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out var failure)
            && failure.GetProperty("content").TryGetProperty("application/problem+json", out _);

        public Task<Answer> SendAsync(
            RestClient client, string query = "", string? body = null, string? contentType = null, params (string Name, string Value)[] headers)
        {
            var (type, example) = Description.TryGetProperty("requestBody", out var described)
                ? described.GetProperty("content").EnumerateObject().Select(media => (media.Name, media.Value.GetProperty("example"))).First()
                : (null, default);
            var text = body ?? (example.ValueKind is JsonValueKind.String ? example.GetString() : example.ValueKind is JsonValueKind.Undefined ? null : example.GetRawText());
            var content = text is null ? null : new StringContent(text, Encoding.UTF8, contentType ?? type!);
            var asked = Description.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateArray()
                    .Where(one => one.GetProperty("in").GetString() is "query" && one.TryGetProperty("required", out var required) && required.GetBoolean())
                    .Select(one => one.GetProperty("name").GetString() is "action" ? "action=sent" : $"{one.GetProperty("name").GetString()}=x")
                : [];
            // of what cannot be a channel nothing is read
            var address = Path.Replace("{provider}", "zoho", StringComparison.Ordinal)
                .Replace("{channel}", Guid.Empty.ToString(), StringComparison.Ordinal)
                .Replace("{", "", StringComparison.Ordinal)
                .Replace("}", "", StringComparison.Ordinal);
            return client.SendAsync(new HttpMethod(Method), $"{address}?{string.Join('&', asked.Append(query))}", content, headers);
        }
    }
}
