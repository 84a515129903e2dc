using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// A <see cref="CallCheck"/> for a service all of whose work goes through the tenant's connection, whoever's grant that is: a key that is bound to an
/// owner, who sees and uses that owner's connections alone, has no business there.
/// </summary>
public static class TenantsKeysOnly
{
    private static readonly Failure OwnerBound = new(
        FailureKind.Forbidden,
        "key_bound_to_owner",
        "This works through the tenant's connection, and this key is bound to one owner's: use a key without an owner.");

    /// <exception cref="RpcException">PERMISSION_DENIED: the caller is bound to an owner.</exception>
    public static void Check(ServerCallContext context)
    {
        if (CallerIdentity.CallerOf(context.GetHttpContext().User) is { Owner: not null })
        {
            throw OwnerBound.ToRpcException();
        }
    }
}
