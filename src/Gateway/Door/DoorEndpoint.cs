namespace ZohoPlatform.Gateway.Door;

/// <summary>What the door does before a method is reached.</summary>
/// <param name="IsOpen">Answers without a key, as the description of the REST API does: so many requests per address.</param>
/// <param name="IsUpload">Its caller sends a stream of messages.</param>
internal sealed record DoorEndpoint(bool IsOpen, bool IsUpload);
