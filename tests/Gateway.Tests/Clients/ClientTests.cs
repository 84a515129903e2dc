using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Tests.Hosting;

namespace ZohoPlatform.Gateway.Tests.Clients;

/// <summary>
/// The typed client against the description of the gateway that runs here: every operation has a method and every method an operation, and
/// both say the same about what goes in and out.
/// </summary>
public sealed class ClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly JsonSerializerOptions Names = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    // a first page needs no token, and only a browser opens a link with its start
    private static readonly string[] NotOfClients = ["page_token"];

    // what a method's caller has to do with; all others are the transport's
    private static readonly string[] HeadersOfClients = ["Idempotency-Key", "If-Match", "Last-Event-ID"];

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task Every_operation_has_a_method_of_the_client()
    {
        var (operations, _) = await DescribedAsync();
        var called = (await ClientCalls.SendAllAsync()).Select(call => OperationOf(call, operations)?.Name);

        Assert.Equal("", string.Join('\n', operations.Select(operation => operation.Name).Except(called)));
    }

    [Fact]
    public async Task Every_method_of_the_client_calls_an_operation()
    {
        var (operations, _) = await DescribedAsync();

        var calls = await ClientCalls.SendAllAsync();

        Assert.NotEmpty(calls);
        Assert.Equal("", string.Join('\n', calls
            .Where(call => OperationOf(call, operations) is null)
            .Select(call => $"{call.Method}: {call.Verb} {call.Path}")));
    }

    [Fact]
    public async Task A_method_sends_all_that_its_operation_takes_and_reads_what_it_answers()
    {
        var (operations, schemas) = await DescribedAsync();
        var wrong = new List<string>();
        foreach (var call in await ClientCalls.SendAllAsync())
        {
            if (OperationOf(call, operations) is not { } operation)
            {
                // another test's
                continue;
            }

            // where it is one of several, the one that the method sends
            var sent = call.Body?.Select(field => field.Key).ToList() ?? [];
            var fields = operation.Bodies.Select(body => FieldsOf(schemas.GetProperty(body))).MaxBy(body => body.Intersect(sent).Count()) ?? [];
            Compare(call, "parameter", operation.Query.Except(NotOfClients, StringComparer.Ordinal), call.Query);
            Compare(call, "header", operation.Headers, call.Headers.Intersect(HeadersOfClients, StringComparer.Ordinal));
            Compare(call, "field", fields, sent);
            Compare(call, "answer", call.Answer, call.Answer.Intersect(operation.Answers(schemas), StringComparer.Ordinal));
            if (call.Answer.Count == 0 && operation.AnswersJson)
            {
                wrong.Add($"{call.Method}: nothing is read of the answer");
            }
        }

        Assert.Equal("", string.Join('\n', wrong));

        void Compare(ClientCall call, string what, IEnumerable<string> described, IEnumerable<string> sent)
        {
            var (left, right) = (described.ToHashSet(StringComparer.Ordinal), sent.ToHashSet(StringComparer.Ordinal));
            wrong.AddRange(left.Except(right).Select(name => $"{call.Method}: only the description has the {what} {name}"));
            wrong.AddRange(right.Except(left).Select(name => $"{call.Method}: only the client has the {what} {name}"));
        }
    }

    [Fact]
    public async Task A_record_has_the_fields_of_its_schema()
    {
        var (_, schemas) = await DescribedAsync();
        var records = typeof(Problem).Assembly.GetExportedTypes()
            .Where(type => type is { IsAbstract: false, IsGenericType: false })
            .ToDictionary(type => type.Name, FieldsOf);
        var described = schemas.EnumerateObject().ToDictionary(schema => schema.Name, schema => FieldsOf(schema.Value));

        // the audit's details are any JSON; what only stands in a query has no schema
        described.Remove(nameof(JsonElement));
        records.Remove(nameof(SubscriberStatus));
        records.Remove(nameof(RecipientAction));
        Assert.Equal(TextOf(described), TextOf(records));
    }

    private static IEnumerable<string> TextOf(Dictionary<string, string[]> fields) => fields
        .OrderBy(type => type.Key, StringComparer.Ordinal)
        .Select(type => $"{type.Key}: {string.Join(' ', type.Value.Order(StringComparer.Ordinal))}");

    // an enum's values stand where a record has its fields
    private static string[] FieldsOf(Type type) => type.IsEnum
        ? [.. ApiName.All(type)]
        : [.. Names.GetTypeInfo(type).Properties.Where(property => property.Get is not null).Select(property => property.Name)];

    private static string[] FieldsOf(JsonElement schema) => schema.TryGetProperty("enum", out var values)
        ? [.. values.EnumerateArray().Select(value => value.GetString()!)]
        : schema.TryGetProperty("properties", out var properties)
            ? [.. properties.EnumerateObject().Select(property => property.Name)]
            : [];

    private static Operation? OperationOf(ClientCall call, IEnumerable<Operation> operations) =>
        operations.SingleOrDefault(operation => operation.Is(call.Verb, call.Path));

    private async Task<(IReadOnlyList<Operation> Operations, JsonElement Schemas)> DescribedAsync()
    {
        using var anyone = _gateway.CreateClient(key: null);
        var document = (await anyone.GetAsync("/openapi/v1.json")).Json;
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject()
                .Select(operation => new Operation(path.Name, operation.Name.ToUpperInvariant(), operation.Value)))
            .Where(operation => !operation.IsOthers)
            .ToList();
        return (operations, document.GetProperty("components").GetProperty("schemas"));
    }

    private sealed class Operation(string path, string verb, JsonElement described)
    {
        public string Name => $"{verb} {path}";

        /// <summary>What a browser is sent to, and what a provider was told, is no client's to call.</summary>
        public bool IsOthers => path.StartsWith("/connect/", StringComparison.Ordinal) || path.StartsWith("/open/", StringComparison.Ordinal) || path.StartsWith("/webhooks/", StringComparison.Ordinal) || ContentsOf(Success).All(content => content.Name == "text/html") && ContentsOf(Success).Any();

        public IEnumerable<string> Query => ParametersIn("query");

        public IEnumerable<string> Headers => ParametersIn("header");

        public IReadOnlyList<string> Bodies => described.TryGetProperty("requestBody", out var body)
            ? [.. ContentsOf(body).Where(content => content.Name == "application/json").SelectMany(content => NamesIn(content.Value))]
            : [];

        public bool AnswersJson => ContentsOf(Success).Any(content => content.Name == "application/json");

        private JsonElement Success =>
            described.GetProperty("responses").EnumerateObject().First(response => response.Name[0] is '2').Value;

        /// <summary>What is answered, and what is in a list that is answered.</summary>
        public IEnumerable<string> Answers(JsonElement schemas)
        {
            var whole = ContentsOf(Success).SelectMany(content => NamesIn(content.Value)).ToList();
            return whole.Concat(whole.SelectMany(name => schemas.GetProperty(name).GetProperty("properties").EnumerateObject())
                .Where(property => property.Value.TryGetProperty("items", out _))
                .SelectMany(property => NamesIn(property.Value.GetProperty("items"))));
        }

        public bool Is(string otherVerb, string otherPath)
        {
            var (mine, others) = (path.Trim('/').Split('/'), otherPath.Trim('/').Split('/'));
            return verb == otherVerb && mine.Length == others.Length
                && mine.Zip(others).All(pair => pair.First.StartsWith('{') ? pair.Second == Samples.Text : pair.First == pair.Second);
        }

        private IEnumerable<string> ParametersIn(string place) => described.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray()
                .Where(parameter => parameter.GetProperty("in").GetString() == place)
                .Select(parameter => parameter.GetProperty("name").GetString()!)
            : [];

        private static JsonElement.ObjectEnumerator ContentsOf(JsonElement holder) =>
            holder.TryGetProperty("content", out var content) ? content.EnumerateObject() : default;

        private static IEnumerable<string> NamesIn(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Object when element.TryGetProperty("$ref", out var reference) => [reference.GetString()!.Split('/')[^1]],
            JsonValueKind.Object when element.TryGetProperty("schema", out var schema) => NamesIn(schema),
            JsonValueKind.Object when element.TryGetProperty("oneOf", out var schemas) => schemas.EnumerateArray().SelectMany(NamesIn),
            _ => [],
        };
    }
}
