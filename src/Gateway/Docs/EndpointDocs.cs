using ZohoPlatform.Gateway.Problems;

namespace ZohoPlatform.Gateway.Docs;

/// <summary>What the API description says about an endpoint beyond its types.</summary>
internal static class EndpointDocs
{
    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>A line for the list, what to know before calling it, and what goes in and out as an example.</summary>
        public T Describe(string summary, string description, object? request = null, object? response = null) =>
            endpoint.WithSummary(summary).WithDescription(description).WithMetadata(new Example(request, response));

        /// <summary>The statuses that it answers with a <see cref="Problem"/>, besides those that every endpoint can.</summary>
        public T Fails(params int[] statuses) =>
            endpoint.WithMetadata([.. statuses.Select(status =>
                (object)new ProducesResponseTypeMetadata(status, typeof(Problem), [ProblemResult.ContentType]))]);
    }

    internal sealed record Example(object? Request, object? Response);
}
