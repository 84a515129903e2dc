using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using Contract = ZohoPlatform.Contracts.Audit.V1;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>Which entries are asked for, as every operation takes it that answers entries.</summary>
internal sealed record AuditQuery(
    [property: FromQuery(Name = "service"), Description("Only what this service wrote: gateway, or another one by its name, such as tokens.")] string? Service,
    [property: FromQuery(Name = "subject"), Description("Only entries about this: connection: and its id, settings:zoho, key: and its id...")] string? Subject,
    [property: FromQuery(Name = "action"), Description("Only entries with this action.")] string? Action,
    [property: FromQuery(Name = "trace_id"), Description(AuditQuery.OfTrace)] string? TraceId,
    [property: FromQuery(Name = "from"), Description("Not before this time (RFC 3339).")] string? From,
    [property: FromQuery(Name = "to"), Description("Before this time (RFC 3339).")] string? To)
{
    private const string OfTrace =
        "Only what was done in the call of this trace, as the log names it. Hand-outs of tokens and reads of contacts are gathered over calls: they have none.";

    public Result<Contract.AuditFilter> ToFilter() =>
        QueryValues.Time("from", From).Succeeded(out var start, out var failure) && QueryValues.Time("to", To).Succeeded(out var end, out failure)
            ? new Contract.AuditFilter { Subject = Subject ?? "", Action = Action ?? "", TraceId = TraceId ?? "", From = start.At, To = end.At }
            : failure;

    /// <summary>As the entry of an export has it.</summary>
    public object ToAudit() => new { service = Service, subject = Subject, action = Action, trace_id = TraceId, from = From, to = To };
}
