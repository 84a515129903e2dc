using Microsoft.AspNetCore.Http.Features;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Door;

/// <summary>A call on its way to a service.</summary>
/// <param name="Caller">In whose name it goes on.</param>
internal sealed record DoorCall(Caller Caller);

/// <summary>
/// In place of the server's, for the proxy: it would reset a stream whose service is lost or whose key has ended, and the caller would not
/// learn why.
/// </summary>
internal sealed class NoReset : IHttpResetFeature
{
    public void Reset(int errorCode)
    {
    }
}
