using Grpc.Core;
using Microsoft.Extensions.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.ServiceDefaults.Grpc;

/// <summary>
/// How long a stream may live: what was allowed when it began is asked again, so it ends with the life of a ticket (<see cref="Tickets.Life"/>), and with
/// its replica.
/// </summary>
public sealed class StreamLife : IDisposable
{
    private static readonly Failure TicketExpired = new(
        FailureKind.Unauthenticated, "ticket_expired", "The stream lived as long as it may: open it again behind the last position.");

    private static readonly Failure Stopping = new(
        FailureKind.Unavailable, "replica_stopping", "This replica of the service stops: open the stream again behind the last position.");

    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _ticket;
    private readonly CancellationTokenSource _end;

    /// <summary>Begins now.</summary>
    public StreamLife(ServerCallContext context, IHostApplicationLifetime host, TimeProvider clock)
    {
        _caller = context.CancellationToken;
        _ticket = new CancellationTokenSource(Tickets.Life, clock);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_ticket.Token, host.ApplicationStopping, _caller);
    }

    /// <summary>Cancelled when it is over, or the caller has left.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Whether it ended while the caller is still there.</summary>
    public bool IsOver => _end.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>What the caller is told of the end: UNAUTHENTICATED <c>ticket_expired</c>, or UNAVAILABLE <c>replica_stopping</c>.</summary>
    public RpcException Over => (_ticket.IsCancellationRequested ? TicketExpired : Stopping).ToRpcException();

    /// <summary>Serves the stream until it returns by itself, or its life is over: then it throws <see cref="Over"/>.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> serve)
    {
        try
        {
            await serve(End);
        }
        catch (OperationCanceledException) when (IsOver)
        {
            throw Over;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Dispose();
        _ticket.Dispose();
    }
}
