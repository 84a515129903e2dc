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

/// <summary>The JSON body of a control. None at all is the same as <c>{}</c>; a field nobody knows is refused by
/// name, by <see cref="BodyFilter"/>.</summary>
internal sealed record Body<T>(T Value)
    where T : class
{
    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        var format = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        try
        {
            var value = JsonSerializer.Deserialize<T>(string.IsNullOrWhiteSpace(text) ? "{}" : text, format);
            return new(value ?? throw new JsonException("null"));
        }
        catch (JsonException e)
        {
            var field = e.Path?.TrimStart('$', '.');
            context.Features.Set(
                new ControlProblem(string.IsNullOrEmpty(field) ? "$" : field, "It is unknown, of the wrong type, or not JSON."));
            return new((T)null!);
        }
    }
}

/// <summary>Answers for a control whose body could not be read.</summary>
internal sealed class BodyFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<ControlProblem>() is { } problem
            ? ValueTask.FromResult<object?>(ControlProblem.Of(problem.Field, problem.Message))
            : next(context);
}
