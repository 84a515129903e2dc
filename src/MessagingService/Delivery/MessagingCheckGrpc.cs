using Grpc.Core;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Delivery;

/// <summary>The MessagingCheck contract.</summary>
internal sealed class MessagingCheckGrpc(FeatureAccess access, ShapeReader shapes, SettingsStore settings, DeliveryLedger ledger)
    : Wire.MessagingCheck.MessagingCheckBase
{
    private const string Purpose = "messages.check";

    public override async Task<Wire.CheckMessagingResponse> Check(Wire.CheckMessagingRequest request, ServerCallContext context)
    {
        var (tenant, token) = (context.CallerWith(Role.Operator).Tenant, context.CancellationToken);
        var (waiting, failed) = await ledger.CountAsync(tenant, token);
        var answer = new Wire.CheckMessagingResponse { Waiting = waiting, Failed = failed };
        var set = await settings.ReadAsync(tenant, token);
        if (!(await access.ForAsync(tenant, Purpose, token, QuotaUse.Read)).Succeeded(out var call, out var failure)
            || !(await shapes.ReadAsync(call, set, token)).Succeeded(out var shape, out failure))
        {
            Add(answer, failure.Code, failure.Message);
            return answer;
        }

        (answer.MessagesModule, answer.KeptInNotes) = (shape.Module?.ApiName ?? "", shape.WithoutModule);
        // who has named none is content with notes
        if (shape.Module is null && set.MessagesModule.Length > 0)
        {
            Add(answer, ShapeReader.ModuleUnusable, shape.WithoutModule);
        }

        // what the last ones came to, such as a storage that is full: looking does not show it
        if (await ledger.StateAsync(tenant, token) is { Code.Length: > 0 } state && state.ConnectionId == call.ConnectionId)
        {
            Add(answer, state.Code, state.Message);
        }

        return answer;
    }

    private static void Add(Wire.CheckMessagingResponse answer, string code, string message) =>
        answer.Findings.Add(new Wire.MessagingFinding { Code = code, Message = message });
}
