using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Where a project is. The build writes one class per referenced project, in namespace <c>Projects</c>.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>Full path of the project file.</summary>
    string ProjectPath { get; }
}

/// <summary>A resource whose endpoints are found by name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
