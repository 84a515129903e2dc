using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using ZohoPlatform.Api;
using ZohoPlatform.Gateway.Access;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Access.Idempotency;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;

namespace ZohoPlatform.Gateway.Docs;

/// <summary><c>/openapi/v1.json</c>: what the endpoints' types do not say by themselves.</summary>
internal static class OpenApiDocument
{
    public const string Path = "/openapi/v1.json";

    extension(IServiceCollection services)
    {
        public void AddApiDescription() => services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "The Zoho platform",
                    Version = "v1",
                    Description = "A company's access to Zoho and HubSpot behind one key. Failures are application/problem+json: branch on `code`, show `detail`, quote `trace_id`.",
                };
                // the address that the description was fetched from is the one to call
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
                {
                    [ApiKeyHandler.SchemeName] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.Http,
                        Scheme = "bearer",
                        BearerFormat = "zp_{id}_{secret}",
                        Description = "An API key of your tenant.",
                    },
                };
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(DescribeAsync);
            options.AddSchemaTransformer((schema, context, _) =>
            {
                // one that is nowhere but in fields that may be absent has its name all the same
                if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) is { IsEnum: true } type)
                {
                    schema.Type = JsonSchemaType.String;
                    schema.Enum = [.. ApiName.All(type).Select(name => (JsonNode)name)];
                }

                // what may be null is left out of answers and may be left out of requests
                if (context.JsonTypeInfo.Kind is JsonTypeInfoKind.Object)
                {
                    schema.Required = context.JsonTypeInfo.Properties
                        .Where(property => property.Get is not null)
                        .Where(property => !property.IsGetNullable || property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: true) is true)
                        .Select(property => property.Name)
                        .ToHashSet(StringComparer.Ordinal);
                }

                return Task.CompletedTask;
            });
        });
    }

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var example = metadata.OfType<EndpointDocs.Example>().LastOrDefault();

        foreach (var media in operation.RequestBody?.Content?.Values ?? [])
        {
            media.Example = Node(example?.Request, json);
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            foreach (var (contentType, media) in response.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal))
            {
                media.Example = contentType == ProblemResult.ContentType
                    ? Node(ProblemExamples.Of(int.Parse(status, CultureInfo.InvariantCulture)), json)
                    : Node(example?.Response, json);
            }
        }

        // one that is bound as nullable, so that its absence is told in the API's own words, is required all the same
        var required = context.Description.ParameterDescriptions
            .Where(parameter => parameter.ParameterDescriptor is IParameterInfoParameterDescriptor { ParameterInfo: var bound }
                && bound.IsDefined(typeof(RequiredAttribute), inherit: true))
            .Select(parameter => parameter.Name);
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().IntersectBy(required, parameter => parameter.Name!, StringComparer.Ordinal) ?? [])
        {
            parameter.Required = true;
        }

        if (!metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyHandler.SchemeName, context.Document)] = [] }];
        }

        if (context.Description.HttpMethod == HttpMethods.Post && !metadata.Any(mark => mark is StreamedBody or ProviderHook))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = IdempotentRequests.HeaderName,
                In = ParameterLocation.Header,
                Description = "Any text of your own, at most 200 visible ASCII characters. The same request with the same key is done once in 24 hours; repeated, it gets the first answer again.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = IdempotentRequests.MaxKeyLength },
                Example = "order-2026-1187",
            });
        }

        return Task.CompletedTask;
    }

    private static JsonNode? Node(object? value, JsonSerializerOptions json) =>
        value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), json);
}
