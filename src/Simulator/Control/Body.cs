using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Simulator.Control;

/// <summary>A control was given something it cannot take: which field, and why.</summary>
internal sealed record ControlProblem(string Field, string Message)
{
    public static IResult Of(string field, string message) =>
        Results.Json(new ControlProblem(field, message), statusCode: StatusCodes.Status400BadRequest);
}

/// <summary>A control's body that may not have been readable; <see cref="BodyFilter"/> answers for those.</summary>
internal interface IControlBody
{
    ControlProblem? Problem { get; }
}

/// <summary>The JSON body of a control. None at all is the same as <c>{}</c>; a field nobody knows is refused by name.</summary>
internal sealed record Body<T>(T Value, ControlProblem? Problem) : IControlBody
    where T : class
{
    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        var format = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        try
        {
            return JsonSerializer.Deserialize<T>(string.IsNullOrWhiteSpace(text) ? "{}" : text, format) is { } value
                ? new(value, null)
                : new(null!, new("$", "The body must be a JSON object."));
        }
        catch (JsonException e)
        {
            return new(null!, new(FieldOf(e), "It is unknown, of the wrong type, or not JSON."));
        }
    }

    private static string FieldOf(JsonException e) => e.Path is { Length: > 0 } path ? path.TrimStart('$').TrimStart('.') is { Length: > 0 } field ? field : "$" : "$";
}

internal sealed class BodyFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.Arguments.OfType<IControlBody>().FirstOrDefault() is { Problem: { } problem }
            ? ValueTask.FromResult<object?>(ControlProblem.Of(problem.Field, problem.Message))
            : next(context);
}
