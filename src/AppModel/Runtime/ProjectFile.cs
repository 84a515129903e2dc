using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Runtime;

/// <summary>A project on disk: where its built output is and which endpoints its own settings name.</summary>
internal sealed record ProjectFile(string Path)
{
    // this room is built together with the projects it runs, so its own configuration is theirs
    private static readonly string Configuration =
        typeof(ProjectFile).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    private static readonly string Framework = $"net{Environment.Version.Major}.{Environment.Version.Minor}";

    public string Directory => System.IO.Path.GetDirectoryName(Path)!;

    /// <param name="path">The project file, or a folder that holds one.</param>
    public static ProjectFile Locate(string path)
    {
        if (File.Exists(path))
        {
            return new(path);
        }
        return System.IO.Directory.Exists(path) && System.IO.Directory.GetFiles(path, "*.csproj") is [var only]
            ? new(only)
            : throw new DistributedApplicationException($"There is no project at '{path}'.");
    }

    /// <exception cref="DistributedApplicationException">The project is not built; the message has the command.</exception>
    public string FindAssembly()
    {
        var output = System.IO.Path.Combine(Directory, "bin", Configuration, Framework);
        var settings = System.IO.Directory.Exists(output) ? System.IO.Directory.GetFiles(output, "*.runtimeconfig.json") : [];
        var own = $"{System.IO.Path.GetFileNameWithoutExtension(Path)}.runtimeconfig.json";
        var chosen = settings.FirstOrDefault(s => System.IO.Path.GetFileName(s) == own) ?? (settings is [var only] ? only : null);

        return chosen is not null
            ? chosen.Replace(".runtimeconfig.json", ".dll", StringComparison.Ordinal)
            : throw new DistributedApplicationException(
                $"Not built: there is no program in '{output}'. Run: dotnet build -c {Configuration} '{Path}'");
    }

    public IEnumerable<(string Name, string Url, string? Protocols)> KestrelEndpoints()
    {
        var settings = new ConfigurationBuilder().AddJsonFile(System.IO.Path.Combine(Directory, "appsettings.json"), optional: true)
            .Build();
        var defaults = settings["Kestrel:EndpointDefaults:Protocols"];

        return [.. settings.GetSection("Kestrel:Endpoints").GetChildren()
            .Where(e => e["Url"] is not null)
            .Select(e => (e.Key, e["Url"]!, e["Protocols"] ?? defaults))];
    }
}
