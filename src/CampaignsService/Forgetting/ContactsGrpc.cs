using Grpc.Core;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>The Contacts contract.</summary>
internal sealed class ContactsGrpc(ContactErasure erasure, OptOutLift lift) : Wire.Contacts.ContactsBase
{
    public override async Task<ForgetContactResponse> ForgetContact(ForgetContactRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        var forgotten = request.WhoCase switch
        {
            ForgetContactRequest.WhoOneofCase.RegistrationId =>
                await erasure.ForgetRegisteredAsync(caller, request.RegistrationId, context.CancellationToken),
            _ => await erasure.ForgetAsync(caller, Address(request.Email), context.CancellationToken),
        };
        return forgotten.OrThrow();
    }

    public override async Task<LiftOptOutResponse> LiftOptOut(LiftOptOutRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        var reason = request.Reason.Trim();
        if (!ConsentReason.IsGood(reason))
        {
            throw Failure.InvalidField("reason", $"reason must {ConsentReason.Rule}: it stays in the audit.").ToRpcException();
        }

        return (await lift.LiftAsync(caller, Address(request.Email), reason, context.CancellationToken)).OrThrow();
    }

    private static string Address(string email) =>
        EmailAddress.In(email) ?? throw Failure.InvalidField("email", $"email {EmailAddress.FaultOf(email)}").ToRpcException();
}
