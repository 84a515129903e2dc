using Google.Protobuf.WellKnownTypes;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>What a contract says with an empty value, REST says by leaving the field out.</summary>
internal static class ContractValues
{
    public static string? OrNull(string value) => value.Length == 0 ? null : value;

    public static DateTimeOffset? Time(Timestamp? time) => time?.ToDateTimeOffset();

    extension(System.Enum value)
    {
        /// <summary>The value of the same name in a contract's enum or REST's; its first one, "not said", where it has none.</summary>
        public T As<T>()
            where T : struct, System.Enum =>
            System.Enum.TryParse<T>(value.ToString(), out var same) && System.Enum.IsDefined(same) ? same : default;
    }
}
