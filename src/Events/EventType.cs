namespace ZohoPlatform.Events;

/// <summary>Something that can happen to a tenant and that its webhooks can be told of.</summary>
/// <param name="Name">What subscribers and receivers read: <c>connection.grant_revoked</c>. It never changes.</param>
/// <param name="Description">What has happened, in a sentence.</param>
/// <param name="Service">Which service tells of it, and no other.</param>
/// <param name="NeedsPerson">Whether somebody must do something; the others are good to know.</param>
public sealed record EventType(string Name, string Description, string Service, bool NeedsPerson);
