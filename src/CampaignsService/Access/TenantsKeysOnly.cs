using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Access;

/// <summary>
/// Lists, contacts and syncs go through the tenant's connection, whoever's grant that is: a key that is bound to an owner, who sees and uses
/// that owner's connections alone, has no business here.
/// </summary>
internal static class TenantsKeysOnly
{
    private static readonly RpcException OwnerBound = new Failure(
        FailureKind.Forbidden,
        "key_bound_to_owner",
        "Campaigns work through the tenant's connection, and this key is bound to one owner's: use a key without an owner.").ToRpcException();

    public static void Check(ServerCallContext context)
    {
        if (CallerIdentity.CallerOf(context.GetHttpContext().User) is { Owner: not null })
        {
            throw new RpcException(OwnerBound.Status, OwnerBound.Trailers);
        }
    }
}
