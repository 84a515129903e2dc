namespace ZohoPlatform.Testing;

/// <summary>
/// Zoho's OpenAPI files for CRM v8 (the public repository zoho/crm-oas), which are no part of the platform. Tests that hold something against
/// them are skipped where they are not there.
/// </summary>
public static class ZohoOpenApi
{
    /// <summary>Names the folder where it is none of those above the checkout.</summary>
    private const string Variable = "ZOHO_CRM_OAS";

    /// <summary>Why such a test is skipped.</summary>
    public const string WhereItIs =
        $"Zoho's OpenAPI files for CRM v8 are not here: name their folder in {Variable}, or put it into shared/zoho/crm-oas above the checkout.";

    /// <summary>The folder; null where it is not there.</summary>
    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? named : null;
        }

        for (var folder = new DirectoryInfo(Checkout.Root); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", "zoho", "crm-oas") is var candidate && Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
