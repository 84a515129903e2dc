namespace ZohoPlatform.Providers.Http;

/// <summary>Sends a request to where <see cref="ProviderAddress"/> leads.</summary>
internal sealed class ProviderAddressHandler(ProviderAddress address) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var written = request.RequestUri!;
        request.RequestUri = address.Resolve(written);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            // the same message is sent again after a refused token or a lost connection
            request.RequestUri = written;
        }
    }
}
