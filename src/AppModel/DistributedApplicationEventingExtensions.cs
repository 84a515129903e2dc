using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Subscriptions said on the resource itself.</summary>
public static class DistributedApplicationEventingExtensions
{
    /// <summary>Calls back once the resource is healthy. The launch waits for the callback before it says <c>Ready</c>.</summary>
    public static IResourceBuilder<T> OnResourceReady<T>(
        this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(builder.Resource, (e, ct) => callback(builder.Resource, e, ct));
        return builder;
    }
}
