namespace ZohoPlatform.Cli.Login;

/// <summary>The checkout that one stands in. What a launch keeps is looked for beside its solution alone: a .zoho folder elsewhere may be anybody's.</summary>
internal static class Checkout
{
    /// <summary>The state folder of a launch from here; null outside a checkout. It is there once something was launched.</summary>
    public static string? StateFolder
    {
        get
        {
            for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "ZohoPlatform.sln")))
                {
                    return Path.Combine(folder.FullName, ".zoho");
                }
            }

            return null;
        }
    }
}
