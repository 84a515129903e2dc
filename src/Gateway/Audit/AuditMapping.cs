using System.Text.Json;
using ZohoPlatform.Api.Audit;
using Contract = ZohoPlatform.Contracts.Audit.V1;

namespace ZohoPlatform.Gateway.Audit;

internal static class AuditMapping
{
    extension(Contract.AuditLogEntry entry)
    {
        public AuditEntry ToApi() => new(
            entry.Sequence,
            entry.Id,
            entry.OccurredAt.ToDateTimeOffset(),
            entry.Actor,
            entry.Action,
            entry.Subject,
            JsonElement.Parse(entry.Details));
    }

    extension(Contract.VerifyChainResponse answer)
    {
        public AuditVerification ToApi() => new(
            answer.Intact,
            answer.Last?.Sequence ?? 0,
            answer.Last?.Hash,
            answer.Broken is { } broken ? new BrokenLink(broken.FirstSequence, broken.LastSequence, broken.Code, broken.Message) : null);
    }
}
