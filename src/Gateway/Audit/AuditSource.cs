using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>One service's audit.</summary>
internal abstract class AuditSource(string service)
{
    public string Service => service;

    public abstract Task<IReadOnlyList<string>> ActionsAsync(ServiceCall call);

    public abstract Task<ListAuditEntriesResponse> ListAsync(ServiceCall call, ListAuditEntriesRequest request);

    public abstract IAsyncEnumerable<AuditLogEntry> ExportAsync(
        ServiceCall call, TimeSpan limit, AuditFilter filter, CancellationToken cancellationToken);

    public abstract Task<VerifyChainResponse> VerifyAsync(ServiceCall call, TimeSpan limit, VerifyChainRequest request);
}

/// <summary>The gateway's own, in its database.</summary>
internal sealed class OwnAudit(AuditReader audit) : AuditSource(ServiceCalls.Service)
{
    public override Task<IReadOnlyList<string>> ActionsAsync(ServiceCall call) => Task.FromResult(audit.Actions);

    public override Task<ListAuditEntriesResponse> ListAsync(ServiceCall call, ListAuditEntriesRequest request) =>
        audit.ListAsync(call.Caller.Tenant, request, call.Options.CancellationToken);

    public override IAsyncEnumerable<AuditLogEntry> ExportAsync(
        ServiceCall call, TimeSpan limit, AuditFilter filter, CancellationToken cancellationToken) =>
        audit.ExportAsync(call.Caller.Tenant, new() { Filter = filter }, cancellationToken);

    public override Task<VerifyChainResponse> VerifyAsync(ServiceCall call, TimeSpan limit, VerifyChainRequest request) =>
        audit.VerifyAsync(call.Caller.Tenant, request, call.Options.CancellationToken);
}

/// <summary>A service's, over its contract.</summary>
internal sealed class ServiceAudit(string service, AuditLog.AuditLogClient audit) : AuditSource(service)
{
    public AuditLog.AuditLogClient Client => audit;

    public override Task<IReadOnlyList<string>> ActionsAsync(ServiceCall call) =>
        OrAwayAsync(async () => (IReadOnlyList<string>)(await audit.ListActionsAsync(new(), call.Options)).Actions);

    public override Task<ListAuditEntriesResponse> ListAsync(ServiceCall call, ListAuditEntriesRequest request) =>
        OrAwayAsync(() => audit.ListEntriesAsync(request, call.Options).ResponseAsync);

    public override async IAsyncEnumerable<AuditLogEntry> ExportAsync(
        ServiceCall call,
        TimeSpan limit,
        AuditFilter filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var export = audit.ExportEntries(new() { Filter = filter }, call.Within(limit));
        while (await OrAwayAsync(() => export.ResponseStream.MoveNext(cancellationToken)))
        {
            yield return export.ResponseStream.Current;
        }
    }

    public override Task<VerifyChainResponse> VerifyAsync(ServiceCall call, TimeSpan limit, VerifyChainRequest request) =>
        OrAwayAsync(() => audit.VerifyChainAsync(request, call.Within(limit)).ResponseAsync);

    // whose part is missing must be said: the others' would look like all of it
    private async Task<T> OrAwayAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw new Failure(
                FailureKind.Unavailable,
                "audit_incomplete",
                $"The audit of the service {Service} cannot be read now: ask again later, or ask for that of one other with service=.").ToRpcException();
        }
    }
}
