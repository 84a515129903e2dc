using System.Text.RegularExpressions;
using System.Xml.Linq;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests.Conventions;

/// <summary>What is in the checkout that these tests were built from.</summary>
internal static partial class Repository
{
    /// <summary>Files that git tracks or would track, relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>Name of every project with the names of the projects it references.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ProjectReferences { get; } = Files
        .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
        .ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => (IReadOnlyList<string>)[.. XDocument.Load(Path.Combine(Checkout.Root, file))
                .Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))]);

    /// <summary>The codes of Zoho's data centres, as src/Providers has them.</summary>
    public static IReadOnlyList<string> DataCentres { get; } = [.. DataCentre().Matches(Read("src/Providers/Zoho/DataCentres.cs")).Select(one => one.Groups[1].Value)];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Checkout.Root, file));

    private static string[] ListFiles()
    {
        var files = ServiceProcess.RunAsync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], folder: Checkout.Root)
            .GetAwaiter().GetResult().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. files.Where(file => File.Exists(Path.Combine(Checkout.Root, file)))];
    }

    [GeneratedRegex(@"new\(""([a-z]{2})"", ""accounts")]
    private static partial Regex DataCentre();
}
