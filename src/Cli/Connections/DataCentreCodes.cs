namespace ZohoPlatform.Cli.Connections;

/// <summary>Zoho's data centres, as a shell completes them and the help lists them: the gateway may know more.</summary>
internal static class DataCentreCodes
{
    public static readonly string[] All = ["us", "eu", "in", "au", "jp", "cn", "ca", "sa", "uk", "ae", "sg"];

    public static readonly string Listed = $"{string.Join(", ", All[..^1])} or {All[^1]}";
}
