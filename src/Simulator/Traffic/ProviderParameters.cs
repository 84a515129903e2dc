using Microsoft.Extensions.Primitives;

namespace ZohoPlatform.Simulator.Traffic;

/// <summary>The parameters of a call, from the query string or a form body alike. A JSON body is not read, as at Zoho.</summary>
internal sealed class ProviderParameters
{
    private readonly Dictionary<string, StringValues> _values = new(StringComparer.Ordinal);

    private ProviderParameters()
    {
    }

    /// <summary>A parameter's value; null when it is missing or empty.</summary>
    public string? this[string name] => _values.TryGetValue(name, out var value) && value is [{ Length: > 0 } text, ..] ? text : null;

    public string? FirstRepeated => _values.Where(value => value.Value.Count > 1).Select(value => value.Key).FirstOrDefault();

    public static async ValueTask<ProviderParameters> BindAsync(HttpContext context)
    {
        var parameters = new ProviderParameters();
        foreach (var (name, value) in context.Request.Query)
        {
            parameters._values[name] = value;
        }

        if (context.Request.HasFormContentType)
        {
            foreach (var (name, value) in await context.Request.ReadFormAsync(context.RequestAborted))
            {
                parameters._values[name] = value;
            }
        }

        return parameters;
    }
}
