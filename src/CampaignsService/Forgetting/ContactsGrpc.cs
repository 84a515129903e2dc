using Grpc.Core;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Forgetting;

/// <summary>The Contacts contract.</summary>
internal sealed class ContactsGrpc(ContactErasure erasure) : Wire.Contacts.ContactsBase
{
    public override async Task<ForgetContactResponse> ForgetContact(ForgetContactRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        var forgotten = request.WhoCase switch
        {
            ForgetContactRequest.WhoOneofCase.RegistrationId =>
                await erasure.ForgetRegisteredAsync(caller, request.RegistrationId, context.CancellationToken),
            ForgetContactRequest.WhoOneofCase.Email when EmailAddress.In(request.Email) is not null =>
                await erasure.ForgetAsync(caller, request.Email, context.CancellationToken),
            _ => Failure.InvalidField("email", "email must be one mail address, such as ada@example.com."),
        };
        return forgotten.OrThrow();
    }
}
