using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is known when the resources start.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>A value that can be written down before it is known, as <c>{resource.property}</c>.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

/// <summary>A string with holes that are filled when the resources start.</summary>
public sealed class ReferenceExpression : IValueProvider, IManifestExpressionProvider
{
    private readonly IReadOnlyList<IManifestExpressionProvider> _providers;

    private ReferenceExpression(string format, IReadOnlyList<IManifestExpressionProvider> providers) =>
        (Format, _providers) = (format, providers);

    /// <summary>A composite format; the holes are numbered in the order of the values.</summary>
    public string Format { get; }

    public string ValueExpression => string.Format(null, Format, [.. _providers.Select(p => (object)p.ValueExpression)]);

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.ToExpression();

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var values = new object?[_providers.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = await ((IValueProvider)_providers[i]).GetValueAsync(cancellationToken);
        }
        return string.Format(null, Format, values);
    }

    /// <summary>What the compiler calls for <c>$"Host={endpoint}"</c>.</summary>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _format = new(literalLength + (formattedCount * 3));
        private readonly List<IManifestExpressionProvider> _providers = new(formattedCount);

        public readonly void AppendLiteral(string value) =>
            _format.Append(value).Replace("{", "{{", _format.Length - value.Length, value.Length)
                .Replace("}", "}}", _format.Length - value.Length, value.Length);

        public readonly void AppendFormatted(string? value) => AppendLiteral(value ?? "");

        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider
        {
            _format.Append('{').Append(_providers.Count).Append('}');
            _providers.Add(valueProvider);
        }

        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider.Resource);

        internal readonly ReferenceExpression ToExpression() => new(_format.ToString(), _providers);
    }
}
