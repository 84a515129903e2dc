using Microsoft.Extensions.Options;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>Where Zoho CRM tells of changes. Section <c>Notifications</c>.</summary>
internal sealed class ChannelOptions
{
    public const string Section = "Notifications";

    /// <summary>
    /// The gateway's public address (<c>https://platform.example.com</c>). Zoho calls nothing but public https; on loopback the simulator calls http.
    /// Unset: nobody is told, and changes are seen when they are looked for.
    /// </summary>
    public Uri? Url { get; set; }

    /// <summary>Whether Zoho can be told of it.</summary>
    public bool IsReachable => Url is { } url && (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback);

    /// <summary>The address of a channel.</summary>
    public Uri AddressOf(Guid channelId) => new(Url!, $"/webhooks/zoho/crm/{channelId:N}");
}

internal sealed class ChannelOptionsValidator : IValidateOptions<ChannelOptions>
{
    public ValidateOptionsResult Validate(string? name, ChannelOptions options) =>
        options.Url is null or { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ChannelOptions.Section}:Url must be the gateway's public address, as https://platform.example.com, or be left out.");
}
