using System.Diagnostics.CodeAnalysis;

namespace ZohoPlatform.ServiceDefaults.Failures;

/// <summary>Either a value or a <see cref="Failure"/>. Bugs and cancellations stay exceptions.</summary>
public sealed record Result<T>
    where T : notnull
{
    private readonly T? _value;
    private readonly Failure? _failure;

    private Result(T? value, Failure? failure) => (_value, _failure) = (value, failure);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Failure failure) => new(default, failure);

    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Failure? failure)
    {
        (value, failure) = (_value, _failure);
        return failure is null;
    }
}
