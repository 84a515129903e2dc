using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Testing;

/// <summary>What a service does not do.</summary>
public static class Refused
{
    /// <summary>The failure that a call is answered with.</summary>
    /// <exception cref="InvalidOperationException">It was done.</exception>
    public static async Task<Failure> ByAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException e) when (e.ToFailure() is { } failure)
        {
            return failure;
        }

        throw new InvalidOperationException("The call was not refused.");
    }
}
