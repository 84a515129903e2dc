namespace ZohoPlatform.Gateway.Door;

/// <summary>What the door does before a method is reached.</summary>
/// <param name="OpenFor">
/// What it answers for without a key, as the description of the REST API does: so many requests per address. Null: it takes a key.
/// </param>
/// <param name="IsUpload">Its caller sends a stream of messages.</param>
/// <param name="IsStream">Its caller sends or gets a stream of messages.</param>
internal sealed record DoorEndpoint(string? OpenFor, bool IsUpload, bool IsStream)
{
    public bool IsOpen => OpenFor is not null;

    // longer than REST lets any call to a service take
    private static readonly TimeSpan Call = TimeSpan.FromSeconds(100);

    // as REST lets an upload
    private static readonly TimeSpan Stream = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan OpenStream = TimeSpan.FromMinutes(5);

    /// <summary>The longest that a call may take.</summary>
    public TimeSpan Life => (IsStream, IsOpen) switch
    {
        (false, _) => Call,
        (true, false) => Stream,
        (true, true) => OpenStream,
    };
}
