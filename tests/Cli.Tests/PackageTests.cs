using System.IO.Compression;
using System.Xml.Linq;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Cli.Tests;

/// <summary>What others get: the packages of the client and of what it stands on.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Api")]
    [InlineData("Client", "ZohoPlatform.Api", "ZohoPlatform.Contracts", "Grpc.Net.ClientFactory", "Microsoft.Extensions.Http")]
    [InlineData("Contracts", "Google.Protobuf", "Grpc.Core.Api")]
    public async Task A_package_holds_its_library_readme_and_license_and_names_what_it_needs(string room, params string[] needs)
    {
        var packed = await PackAsync(room);
        Assert.True(packed.Exit == 0, packed.Out + packed.Error);
        await using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(_folder, $"ZohoPlatform.{room}.*.nupkg")));
        var files = package.Entries.Select(entry => entry.FullName).ToHashSet(StringComparer.Ordinal);

        string[] expected =
        [
            "README.md", "LICENSE", $"lib/net10.0/ZohoPlatform.{room}.dll", $"lib/net10.0/ZohoPlatform.{room}.xml", .. room == "Contracts" ? Protos() : [],
        ];
        Assert.Empty(expected.Except(files));
        // its own library, and nobody else's
        Assert.Single(files, file => file.EndsWith(".dll", StringComparison.Ordinal));
        await using var nuspec = await package.GetEntry($"ZohoPlatform.{room}.nuspec")!.OpenAsync();
        var metadata = (await XDocument.LoadAsync(nuspec, LoadOptions.None, CancellationToken.None)).Root!.Elements().Single();
        // and what is pinned below these
        Assert.Empty(needs.Except(
            metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!)));
        Assert.All(
            (string[])["version", "authors", "description", "readme", "license"],
            name => Assert.Contains(metadata.Elements(), element => element.Name.LocalName == name && element.Value.Length > 0));
    }

    private static IEnumerable<string> Protos()
    {
        var folder = Path.Combine(Checkout.Root, "protos");
        return Directory.GetFiles(folder, "*.proto", SearchOption.AllDirectories)
            .Select(file => $"protos/{Path.GetRelativePath(folder, file).Replace('\\', '/')}");
    }

    // what the tests were built with is packed as it is: nothing is built again
    private Task<Ended> PackAsync(string room)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return ServiceProcess.RunAsync(
            "dotnet",
            [
                "pack", Path.Combine(Checkout.Root, "src", room), "--no-build", "--configuration", configuration, "--output", _folder,
                "--nologo", "-nodeReuse:false",
            ]);
    }
}
