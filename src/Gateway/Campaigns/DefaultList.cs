namespace ZohoPlatform.Gateway.Campaigns;

/// <summary>The mailing list of the tenant's settings, by a name that can stand in an address.</summary>
internal static class DefaultList
{
    public const string Name = "default";

    /// <summary>The contract's spelling of a list that REST names: empty for the settings' one.</summary>
    public static string KeyOf(string? name) => name is null or Name ? "" : name;
}
