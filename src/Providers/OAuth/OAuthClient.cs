namespace ZohoPlatform.Providers.OAuth;

/// <summary>A tenant's OAuth client as one place of its provider knows it.</summary>
/// <param name="Id">Its client id.</param>
/// <param name="Secret">Its client secret.</param>
public sealed record OAuthClient(string Id, string Secret)
{
    // the compiler's own would print the secret
    public override string ToString() => $"client {Id}";
}
