using System.Diagnostics.CodeAnalysis;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>One customer of the platform. Comes from a ticket or a signed state, never from a request field.</summary>
public readonly record struct TenantId(Guid Value) : IParsable<TenantId>
{
    /// <summary>Nobody: what a host's own ticket carries. No row has it, so row level security shows nothing to it.</summary>
    public static readonly TenantId None;

    public static TenantId Parse(string s, IFormatProvider? provider) => new(Guid.Parse(s, provider));

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TenantId result)
    {
        var parsed = Guid.TryParse(s, provider, out var value);
        result = new TenantId(value);
        return parsed;
    }

    public override string ToString() => Value.ToString();
}
