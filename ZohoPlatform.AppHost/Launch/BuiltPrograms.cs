using System.Globalization;
using System.Reflection;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// Projects as the programs that were built. Aspire starts a project by <c>dotnet run</c>, which takes each of them seconds of a core and the
/// memory of a second process; under an IDE, which starts them itself, nothing is changed.
/// </summary>
internal static class BuiltPrograms
{
    // by which Aspire itself knows that an IDE is there
    private const string IdePort = "DEBUG_SESSION_PORT";

    /// <summary>Starts what was built of <typeparamref name="TProject"/> together with the app host.</summary>
    /// <exception cref="LaunchException">It is not there.</exception>
    public static IResourceBuilder<ProjectResource> AsBuilt<TProject>(this IResourceBuilder<ProjectResource> project)
        where TProject : IProjectMetadata, new()
    {
        var builder = project.ApplicationBuilder;
        if (!builder.ExecutionContext.IsRunMode || builder.Configuration[IdePort] is { Length: > 0 })
        {
            return project;
        }

        var path = new TProject().ProjectPath;
        var folder = Path.GetDirectoryName(path)!;
        var configuration = typeof(BuiltPrograms).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var framework = string.Create(CultureInfo.InvariantCulture, $"net{Environment.Version.Major}.{Environment.Version.Minor}");
        var program = Path.Combine(folder, "bin", configuration, framework, Path.GetFileNameWithoutExtension(path));
        return File.Exists(program)
            ? project.WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = folder })
            : throw new LaunchException($"{program} is missing. Build the solution (dotnet build ZohoPlatform.sln) and launch again.");
    }
}
