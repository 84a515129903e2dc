namespace ZohoPlatform.Cli.Connections;

/// <summary>What a shell completes: the gateway may know more.</summary>
internal static class FeatureNames
{
    public static readonly string[] All = ["campaigns", "crm", "books", "inventory", "invoice", "hubspot_contacts"];
}
