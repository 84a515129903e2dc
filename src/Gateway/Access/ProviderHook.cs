namespace ZohoPlatform.Gateway.Access;

/// <summary>
/// Marks an endpoint that a provider calls by itself, for a channel that it was told of. A key has no meaning there, nor has an Idempotency-Key. Calls
/// are limited by channel and by address together, so that nobody else uses up what the provider has, and few may be under way at once.
/// </summary>
/// <param name="Parameter">The part of the path that is the channel's id.</param>
internal sealed record ProviderHook(string Parameter)
{
    public const string NoChannel = "none";

    /// <summary>The channel that is called, as limits tell channels apart: all that cannot be one are the same.</summary>
    public string ChannelOf(HttpContext context) => ChannelOf(context.GetRouteValue(Parameter) as string);

    /// <inheritdoc cref="ChannelOf(HttpContext)"/>
    public static string ChannelOf(string? named) => Guid.TryParse(named, out var id) ? id.ToString("N") : NoChannel;
}
