namespace Grpc.Core;

/// <summary>How one call is made.</summary>
public struct CallOptions
{
    /// <summary>Options for one call.</summary>
    /// <param name="headers">Request headers.</param>
    /// <param name="deadline">Until when the answer is wanted, in UTC; null waits for ever.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <param name="writeOptions">Flags for the requests.</param>
    /// <param name="propagationToken">Not offered; null.</param>
    /// <param name="credentials">Adds headers just before the call is sent.</param>
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null,
        ContextPropagationToken? propagationToken = null,
        CallCredentials? credentials = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
        PropagationToken = propagationToken;
        Credentials = credentials;
    }

    /// <summary>Request headers.</summary>
    public Metadata? Headers { get; private set; }

    /// <summary>Until when the answer is wanted, in UTC; null waits for ever.</summary>
    public DateTime? Deadline { get; private set; }

    /// <summary>Gives the call up.</summary>
    public CancellationToken CancellationToken { get; private set; }

    /// <summary>Flags for the requests.</summary>
    public WriteOptions? WriteOptions { get; private set; }

    /// <summary>Always null: calls inherit their context through the client factory's propagation.</summary>
    public ContextPropagationToken? PropagationToken { get; private set; }

    /// <summary>Adds headers just before the call is sent.</summary>
    public CallCredentials? Credentials { get; private set; }

    /// <summary>Of the call that this one is made for; beside the caller's own token, so that nobody has to join the two.</summary>
    internal CancellationToken InheritedCancellation { get; private set; }

    /// <summary>A copy with other headers.</summary>
    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>A copy with another deadline.</summary>
    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>A copy with another token.</summary>
    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) =>
        this with { CancellationToken = cancellationToken };

    /// <summary>A copy with other write flags.</summary>
    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    /// <summary>A copy with other credentials.</summary>
    public readonly CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    internal readonly CallOptions WithInheritedCancellation(CancellationToken cancellationToken) =>
        this with { InheritedCancellation = cancellationToken };
}

/// <summary>What <see cref="ServerCallContext.CreatePropagationToken"/> would carry over.</summary>
public class ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
{
    /// <summary>Both.</summary>
    public static readonly ContextPropagationOptions Default = new();

    /// <summary>Whether the deadline is carried over.</summary>
    public bool IsPropagateDeadline { get; } = propagateDeadline;

    /// <summary>Whether cancellation is carried over.</summary>
    public bool IsPropagateCancellation { get; } = propagateCancellation;
}

/// <summary>Part of signatures only; as over ASP.NET Core generally, no such token is ever made.</summary>
public abstract class ContextPropagationToken
{
    private protected ContextPropagationToken()
    {
    }
}
