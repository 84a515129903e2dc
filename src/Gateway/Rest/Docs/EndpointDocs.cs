using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ZohoPlatform.Api;
using ZohoPlatform.Gateway.Rest.Problems;

namespace ZohoPlatform.Gateway.Rest.Docs;

/// <summary>What the API description says about an endpoint beyond its types.</summary>
internal static class EndpointDocs
{
    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>
        /// Its <c>operationId</c>, which generated clients name a method by and which stays as it is; a line for the list, what to know
        /// before calling it, and what goes in and out as an example.
        /// </summary>
        public T Describe(string operationId, string summary, string description, object? request = null, object? response = null) =>
            endpoint.WithName(operationId).WithSummary(summary).WithDescription(description).WithMetadata(new Example(request, response));

        /// <summary>The statuses that it answers with a <see cref="Problem"/>, besides those that every endpoint can.</summary>
        public T Fails(params int[] statuses) =>
            endpoint.WithMetadata([.. statuses.Select(Failing)]);

        /// <summary>How it fails for a person in a browser: each status with a page.</summary>
        public T FailsWithPage(params int[] statuses) =>
            endpoint.WithMetadata([.. statuses.Select(status => (object)new ProducesResponseTypeMetadata(status, typeof(string), ["text/html"]))]);

        /// <summary>A JSON body of one of these types: which one, its fields tell.</summary>
        public T TakesOneOf(params Type[] types) =>
            endpoint.WithMetadata(new BodyTypes(types)).AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            {
                var media = operation.RequestBody!.Content!["application/json"];
                // what they are read into is nobody's to know
                if (media.Schema is OpenApiSchemaReference { Reference.Id: { } reads })
                {
                    context.Document!.Components!.Schemas!.Remove(reads);
                }

                media.Schema = await OneOfAsync(context, types, cancellationToken);
            });

        /// <summary>An answer of one of these types, which the body of the request decides.</summary>
        public T AnswersOneOf(int status, params Type[] types) =>
            endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
                operation.Responses![status.ToString(CultureInfo.InvariantCulture)].Content!["application/json"].Schema =
                    await OneOfAsync(context, types, cancellationToken));

        /// <summary>A request body that is not JSON, in one of these types, with an example of each.</summary>
        public T TakesText(params (string ContentType, string Example)[] types) =>
            endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = types.ToDictionary(type => type.ContentType, type => Text(type.Example), StringComparer.Ordinal),
                };
                return Task.CompletedTask;
            });

        /// <summary>A 200 that may also be, or only is, this text instead of JSON.</summary>
        public T AnswersText(string contentType, string example) =>
            endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
            {
                var answer = (OpenApiResponse)operation.Responses!["200"];
                answer.Content ??= new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
                answer.Content[contentType] = Text(example);
                return Task.CompletedTask;
            });
    }

    /// <summary>What is one of several types, each of which the description has by its name.</summary>
    public static async Task<OpenApiSchema> OneOfAsync(
        OpenApiOperationTransformerContext context, IEnumerable<Type> types, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        var oneOf = new List<IOpenApiSchema>();
        foreach (var type in types)
        {
            document.AddComponent(type.Name, await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
            oneOf.Add(new OpenApiSchemaReference(type.Name, document));
        }

        return new OpenApiSchema { OneOf = oneOf };
    }

    public static object Failing(int status) => new ProducesResponseTypeMetadata(status, typeof(Problem), [ProblemResult.ContentType]);

    private static OpenApiMediaType Text(string example) => new()
    {
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = example,
    };

    internal sealed record Example(object? Request, object? Response);
}
