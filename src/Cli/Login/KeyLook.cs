using System.Net;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Login;

/// <summary>Whether a stored key still opens its gateway; asked each time, for it may have been deleted since.</summary>
internal static class KeyLook
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Null where the gateway did not say: it is away, takes its time, or has something else to say.</summary>
    public static async Task<bool?> OpensAsync(Uri url, string key, CancellationToken cancellationToken)
    {
        if (!KeyText.IsOne(key))
        {
            return false;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var client = PlatformClient.Connect(url, key);
            await client.WhoAmIAsync(limit.Token);
            return true;
        }
        catch (PlatformException e)
        {
            return e.Status is HttpStatusCode.Unauthorized ? false : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
