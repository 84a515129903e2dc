using Grpc.Core;
using ZohoPlatform.Audit;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.KeyRing;

/// <summary>What a ring answered, or why it did not.</summary>
internal sealed record RingAnswer<T>(string Service, T? Answer, Failure? Failure)
    where T : class;

/// <summary>All services' key rings, and the gateway's own.</summary>
internal sealed partial class KeyRings(
    IEnumerable<Ring> rings, TenantDb<GatewayDbContext> database, TimeProvider clock, ILogger<KeyRings> logger)
{
    private static readonly Failure Failed = new(
        FailureKind.Unavailable, "service_failed", "The service met an error of its own, which its log tells of.");

    private readonly List<Ring> _all = [.. rings.OrderBy(ring => ring.Service, StringComparer.Ordinal)];

    public Task<List<RingAnswer<KeyRingStatus>>> StatusAsync(CancellationToken cancellationToken) =>
        AskAsync(_all, ring => ring.StatusAsync(cancellationToken));

    /// <summary>Has each ring make a new key, or the one of <paramref name="service"/>; the rings do not wait for each other.</summary>
    public async Task<Result<List<RingAnswer<StartRotationResponse>>>> RotateAsync(
        Caller caller, string? service, CancellationToken cancellationToken)
    {
        var asked = service is null ? _all : _all.FindAll(ring => ring.Service == service);
        if (asked.Count == 0)
        {
            return Failure.InvalidField("service", $"service must be one of {string.Join(", ", _all.Select(ring => ring.Service))}.");
        }

        // before: a key whose answer is lost, or that is made when this process dies, has an entry all the same
        var services = asked.Select(ring => ring.Service);
        await AuditAsync(caller, AuditActions.KeyRingRotationRequested, "key-ring", new { services }, cancellationToken);
        var answers = await AskAsync(asked, async ring =>
        {
            var started = await ring.StartAsync();
            var keys = new { data_key_id = new { before = started.PreviousDataKeyId, after = started.Status.DataKeyId } };
            try
            {
                // it is done, whoever still waits for the answer
                await AuditAsync(caller, AuditActions.KeyRingRotated, $"key-ring:{ring.Service}", keys, CancellationToken.None);
            }
            catch (Exception e) when (StorageOutage.Is(e))
            {
                LogNotAudited(e, ring.Service, started.PreviousDataKeyId, started.Status.DataKeyId);
            }

            return started;
        });
        return answers.Count > 0 ? answers : Failure.InvalidField("service", $"{service} seals nothing: it has no key ring.");
    }

    private async Task AuditAsync(Caller caller, string action, string subject, object details, CancellationToken cancellationToken)
    {
        await using var context = database.For(caller.Tenant);
        context.Audit(AuditEntry.Of(caller, clock.GetUtcNow(), action, subject, details));
        await context.SaveChangesAsync(cancellationToken);
    }

    private async Task<List<RingAnswer<T>>> AskAsync<T>(IEnumerable<Ring> asked, Func<Ring, Task<T>> ask)
        where T : class
    {
        var answers = await Task.WhenAll(asked.Select(AnswerAsync));
        return [.. answers.OfType<RingAnswer<T>>()];

        // null of a service that has no ring. What one ring meets is its own: the others' answers are told
        async Task<RingAnswer<T>?> AnswerAsync(Ring ring)
        {
            try
            {
                return new RingAnswer<T>(ring.Service, await ask(ring), Failure: null);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented)
            {
                return null;
            }
            catch (RpcException e) when (e.ToFailure() is { } failure)
            {
                return new RingAnswer<T>(ring.Service, Answer: null, failure);
            }
            catch (RpcException e) when (e.StatusCode is not StatusCode.Cancelled)
            {
                LogFailed(e, ring.Service);
                return new RingAnswer<T>(ring.Service, Answer: null, Failed);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The key ring of {Service} answered with an error")]
    private partial void LogFailed(Exception exception, string service);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The key ring of {Service} has the new key {After} in place of {Before}, and of that the audit has only that it was asked for")]
    private partial void LogNotAudited(Exception exception, string service, string before, string after);
}
