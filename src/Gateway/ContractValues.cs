using Google.Protobuf.WellKnownTypes;

namespace ZohoPlatform.Gateway;

/// <summary>What a contract says with an empty value, REST says by leaving the field out.</summary>
internal static class ContractValues
{
    public static string? OrNull(string value) => value.Length == 0 ? null : value;

    public static DateTimeOffset? Time(Timestamp? time) => time?.ToDateTimeOffset();
}
