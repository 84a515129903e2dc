namespace ZohoPlatform.Gateway.Rest;

/// <summary>
/// Marks an endpoint whose answer is all that there is, however long that takes: it is counted as a stream and ends with its key. One that is
/// broken off has no end, so that nobody takes it for whole.
/// </summary>
/// <param name="IsAskedFor">Whether a request asks for that; it may ask for a page of it instead.</param>
internal sealed record Download(Func<HttpRequest, bool> IsAskedFor);

internal static class Downloads
{
    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>The answer is a <see cref="Download"/>.</summary>
        public T IsDownload(Func<HttpRequest, bool>? isAskedFor = null) => endpoint.WithMetadata(new Download(isAskedFor ?? (_ => true)));
    }
}
