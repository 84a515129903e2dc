namespace ZohoPlatform.Simulator.Pages;

/// <summary>The pages that are part of the program.</summary>
internal static class EmbeddedPages
{
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedPages).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The page {name} is not part of the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
