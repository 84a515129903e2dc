namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>What a key may do beside its role, each for one named thing.</summary>
public static class Permissions
{
    /// <summary>Be handed access tokens of a connection.</summary>
    public const string TokensRead = "tokens:read";

    /// <summary>As a ticket carries it: <c>tokens:read:{connection id}</c>.</summary>
    public static string Of(string permission, string resource) => $"{permission}:{resource}";
}
