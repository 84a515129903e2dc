using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using ZohoPlatform.Api;
using ZohoPlatform.Client;

namespace ZohoPlatform.Gateway.Tests.Clients;

/// <summary>One request that a method of the client sent.</summary>
/// <param name="Method">The method, with its class.</param>
/// <param name="Verb">GET, POST or DELETE.</param>
/// <param name="Path">Parts that the caller chose are <see cref="Samples.Text"/>.</param>
/// <param name="Query">Names of its parameters.</param>
/// <param name="Headers">Names of its header fields.</param>
/// <param name="Body">Null where it sent none, or no JSON.</param>
/// <param name="Answer">What the method makes of the answer: names of Api's types, none where it gives nothing back.</param>
internal sealed record ClientCall(
    string Method,
    string Verb,
    string Path,
    IReadOnlySet<string> Query,
    IReadOnlySet<string> Headers,
    JsonObject? Body,
    IReadOnlySet<string> Answer);

/// <summary>Calls every public method of the typed client, with all that it takes, and keeps what goes out.</summary>
internal static class ClientCalls
{
    public static async Task<IReadOnlyList<ClientCall>> SendAllAsync()
    {
        using var recorder = new Recorder();
        using var http = new HttpClient(recorder) { BaseAddress = new Uri("http://gateway.example.com/") };
        using var client = new PlatformClient(http);
        var calls = new List<ClientCall>();
        foreach (var (holder, method) in MethodsOf(client))
        {
            var arguments = method.GetParameters().Select(parameter => Samples.Of(parameter.ParameterType)).ToArray();
            await RunAsync(method.Invoke(holder, arguments)!);
            calls.Add(recorder.Take($"{holder.GetType().Name}.{method.Name}", AnswerOf(method.ReturnType)));
        }

        return calls;
    }

    private static IEnumerable<(object Holder, MethodInfo Method)> MethodsOf(object holder)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var type = holder.GetType();
        return type.GetMethods(own)
            .Where(method => !method.IsSpecialName && method.Name != nameof(IDisposable.Dispose))
            .Select(method => (holder, method))
            .Concat(type.GetProperties(own)
                .Where(property => property.PropertyType.Assembly == typeof(PlatformClient).Assembly)
                .SelectMany(property => MethodsOf(property.GetValue(holder)!)));
    }

    // a sequence asks for nothing before it is read
    private static async Task RunAsync(object running)
    {
        try
        {
            if (running is Task task)
            {
                await task;
                return;
            }

            var sequence = running.GetType().GetInterfaces().Single(type => IsSequence(type));
            var read = typeof(ClientCalls).GetMethod(nameof(ReadFirstAsync), BindingFlags.Static | BindingFlags.NonPublic)!;
            await (Task)read.MakeGenericMethod(sequence.GenericTypeArguments).Invoke(null, [running])!;
        }
        catch (PlatformException e) when (e.Status is Recorder.Refusal)
        {
            // all that there is to see was sent
        }
    }

    private static async Task ReadFirstAsync<T>(IAsyncEnumerable<T> sequence)
    {
        await using var items = sequence.GetAsyncEnumerator();
        await items.MoveNextAsync();
    }

    private static HashSet<string> AnswerOf(Type type)
    {
        while (type.IsGenericType)
        {
            type = type.GenericTypeArguments[0];
        }

        // a type of the client's own is made of what comes from the gateway
        return type.Assembly == typeof(PlatformClient).Assembly
            ? [.. type.GetProperties()
                .Select(property => property.PropertyType)
                .Where(part => part.Assembly == typeof(Problem).Assembly)
                .Select(part => part.Name)]
            : type == typeof(Task) ? [] : [type.Name];
    }

    private static bool IsSequence(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    private sealed class Recorder : HttpMessageHandler
    {
        /// <summary>A status that the client takes for final and the gateway never answers.</summary>
        public const HttpStatusCode Refusal = (HttpStatusCode)418;

        private readonly List<(HttpRequestMessage Request, string? Body)> _sent = [];

        public ClientCall Take(string method, HashSet<string> answer)
        {
            var (request, body) = Assert.Single(_sent);
            _sent.Clear();
            var uri = request.RequestUri!;
            return new ClientCall(
                method,
                request.Method.Method,
                uri.AbsolutePath,
                uri.Query.Split(['?', '&'], StringSplitOptions.RemoveEmptyEntries)
                    .Select(part => part.Split('=')[0])
                    .ToHashSet(StringComparer.Ordinal),
                request.Headers.Select(header => header.Key).ToHashSet(StringComparer.Ordinal),
                request.Content?.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(body!)!.AsObject() : null,
                answer);
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _sent.Add((request, request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage(Refusal);
        }
    }
}
