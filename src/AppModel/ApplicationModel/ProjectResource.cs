namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project of this checkout, run from its built output.</summary>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;
