using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>The Registrations contract: checks what was sent and who sent it, and leaves the rest to <see cref="RegistrationStore"/>.</summary>
internal sealed class RegistrationsGrpc(RegistrationStore store, AuditedReads reads) : Wire.Registrations.RegistrationsBase
{
    private const int MaxIdempotencyKey = 200;
    private const int DefaultPage = 50;
    private const int MaxPage = 200;

    public override async Task<Wire.Registration> SubmitRegistration(Wire.SubmitRegistrationRequest request, ServerCallContext context)
    {
        var tenant = context.CallerWith(Role.Operator).Tenant;
        var contact = Contact.From(request.Fields).OrThrow();
        if (request.IdempotencyKey.Length > MaxIdempotencyKey || request.IdempotencyKey.Any(char.IsControl))
        {
            throw Failure.InvalidField(
                "idempotency_key", $"idempotency_key is too long or holds a control character: at most {MaxIdempotencyKey} printable characters.").ToRpcException();
        }

        var key = request.IdempotencyKey.Length == 0 ? null : request.IdempotencyKey;
        return (await store.SubmitAsync(tenant, contact, key, context.CancellationToken)).OrThrow();
    }

    public override async Task<Wire.Registration> GetRegistration(Wire.GetRegistrationRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var found = (await store.GetAsync(caller.Tenant, request.Id, context.CancellationToken)).OrThrow();
        await reads.NoteAsync(caller, AuditActions.ContactsRead, "registrations", context.CancellationToken);
        return found;
    }

    public override async Task<Wire.ListRegistrationsResponse> ListRegistrations(Wire.ListRegistrationsRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Viewer);
        var page = PageRequest.Of(request.PageSize, request.PageToken, DefaultPage, MaxPage);
        if (!Enum.IsDefined(request.Status))
        {
            throw Failure.InvalidField("status", "status is not a status of a registration.").ToRpcException();
        }

        var filter = new RegistrationFilter(
            request.Status,
            request.Email.Length == 0 ? null
                : EmailAddress.In(request.Email) ?? throw Failure.InvalidField("email", $"email {EmailAddress.FaultOf(request.Email)}").ToRpcException(),
            request.CreatedAfter.MomentOf("created_after"),
            request.CreatedBefore.MomentOf("created_before"),
            ListOrder.IsAscending(request.OrderBy, "created_at"));
        var found = await store.ListAsync(caller.Tenant, filter, page.AfterId, page.ToRead, context.CancellationToken);
        await reads.NoteAsync(caller, AuditActions.ContactsRead, "registrations", context.CancellationToken);
        return new Wire.ListRegistrationsResponse
        {
            Registrations = { page.Take(found) },
            NextPageToken = page.Next(found, registration => PageRequest.TokenOf(Guid.Parse(registration.Id))),
        };
    }

    public override async Task<Wire.Registration> RetryRegistration(Wire.RetryRegistrationRequest request, ServerCallContext context) =>
        (await store.RetryAsync(context.CallerWith(Role.Operator), request.Id, context.CancellationToken)).OrThrow();

    public override async Task<Wire.RetryRegistrationsResponse> RetryRegistrations(
        Wire.RetryRegistrationsRequest request, ServerCallContext context)
    {
        var code = request.Code.Length == 0 ? null : request.Code;
        var retried = await store.RetryAllAsync(context.CallerWith(Role.Operator), code, context.CancellationToken);
        return new Wire.RetryRegistrationsResponse { Retried = retried, HasMore = retried == RegistrationStore.RetriedAtOnce };
    }
}
