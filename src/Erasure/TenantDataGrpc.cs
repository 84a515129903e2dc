using Grpc.Core;
using ZohoPlatform.Contracts.Erasure.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Erasure;

/// <summary>The service's part of a tenant's erasure, for the gateway, which asks all services.</summary>
internal sealed class TenantDataGrpc(TenantErasure erasure) : TenantData.TenantDataBase
{
    public override async Task<EraseTenantResponse> EraseTenant(EraseTenantRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        var requestedAt = request.RequestedAt.MomentOf("requested_at")
            ?? throw Failure.InvalidField("requested_at", "requested_at is missing: it says when the erasure was asked for.").ToRpcException();
        var rows = (await erasure.EraseAsync(caller, requestedAt, context.CancellationToken)).OrThrow();
        return new EraseTenantResponse { Rows = rows };
    }
}
