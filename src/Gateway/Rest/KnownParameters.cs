using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using ZohoPlatform.Gateway.Rest.Problems;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>
/// 400 for a parameter of the query that the operation does not take: ignored, a misspelt filter would answer everything. What an operation
/// takes is what its description says; what is not described is nobody's operation and takes anything.
/// </summary>
internal sealed class KnownParameters(IApiDescriptionGroupCollectionProvider described) : IMiddleware
{
    private const int LongestEchoed = 64;

    // all endpoints are mapped before the first request comes
    private readonly Lazy<Dictionary<(string Method, string Path), string[]>> _known = new(() => described.ApiDescriptionGroups.Items
        .SelectMany(group => group.Items)
        .ToDictionary(
            operation => (operation.HttpMethod ?? "", operation.RelativePath ?? ""),
            operation => operation.ParameterDescriptions
                .Where(parameter => parameter.Source == BindingSource.Query)
                .Select(parameter => parameter.Name)
                .ToArray()));

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var sent = context.Request.Query;
        if (sent.Count == 0
            || context.GetEndpoint() is not RouteEndpoint endpoint
            || endpoint.Metadata.GetMetadata<AnyParameters>() is not null
            || !_known.Value.TryGetValue((context.Request.Method, endpoint.RoutePattern.RawText?.TrimStart('/') ?? ""), out var known))
        {
            return next(context);
        }

        // as binding compares them: what is bound is not ignored
        var unknown = sent.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)
            && endpoint.Metadata.GetMetadata<OthersParameter>()?.Name != name);
        return unknown is null ? next(context) : Refusal(unknown, known).ExecuteAsync(context);
    }

    private static ProblemResult Refusal(string unknown, string[] known)
    {
        var isName = unknown.Length is > 0 and <= LongestEchoed && unknown.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        var nearest = known.OrderBy(name => Distance(name, unknown)).ToList();
        var takes = nearest.Count == 0 ? "It takes none." : $"It takes {string.Join(", ", nearest)}.";
        var guess = isName && nearest is [var first, ..] && Distance(first, unknown) <= first.Length / 3 ? $"; did you mean {first}?" : ".";
        return new ProblemResult(
            StatusCodes.Status400BadRequest,
            "unknown_parameter",
            isName ? $"This operation has no parameter {unknown}{guess} {takes}" : $"The query has a parameter that this operation has not. {takes}")
        {
            Field = isName ? unknown : null,
        };
    }

    /// <summary>How many letters two names differ by (Levenshtein); how words are joined makes no difference.</summary>
    private static int Distance(string one, string other)
    {
        var (left, right) = (Letters(one), Letters(other));
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var cost = diagonal + (left[i] == right[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(cost, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];

        // no name of ours is as long: the rest of a longer one tells nothing
        static string Letters(string name) => new([.. name.Where(char.IsAsciiLetterOrDigit).Take(LongestEchoed).Select(char.ToLowerInvariant)]);
    }
}

/// <summary>Marks an endpoint that leaves parameters alone which it does not know.</summary>
internal sealed class AnyParameters;

/// <summary>A parameter of an endpoint that others than its callers add, and that it does nothing with.</summary>
internal sealed record OthersParameter(string Name);

internal static class ParameterMarks
{
    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>Others than its callers add parameters to its address.</summary>
        public T WithAnyParameters() => endpoint.WithMetadata(new AnyParameters());
    }
}
