using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.CampaignsService.Tests;

internal static class Refused
{
    /// <summary>The failure that a call is answered with.</summary>
    public static async Task<Failure> ByAsync(Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(call);
        return refusal.ToFailure() ?? throw refusal;
    }
}
