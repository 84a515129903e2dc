using Microsoft.Extensions.Options;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.CrmService.Channels;

/// <summary>Where Zoho CRM tells of changes. Section <c>Notifications</c>.</summary>
internal sealed class ChannelOptions
{
    public const string Section = "Notifications";

    /// <summary>
    /// The gateway's public address (<c>https://platform.example.com</c>), at most 200 characters. Zoho calls nothing but public https; the simulator calls
    /// loopback. Unset: nobody is told, and changes are seen when they are looked for.
    /// </summary>
    public Uri? Url { get; set; }
}

internal sealed class ChannelOptionsValidator : IValidateOptions<ChannelOptions>
{
    private const int Longest = 200;

    public ValidateOptionsResult Validate(string? name, ChannelOptions options) =>
        options.Url is null or { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", AbsoluteUri.Length: <= Longest }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ChannelOptions.Section}:Url must be the gateway's public address, as https://platform.example.com, or be left out.");
}

/// <summary>The addresses that Zoho is told.</summary>
internal sealed class ChannelAddresses(IOptions<ChannelOptions> options, IOptions<ProvidersOptions> providers)
{
    /// <summary>The address of a channel; null where Zoho could not call it.</summary>
    public Uri? Of(Guid channelId) => options.Value.Url is { } url && IsReachable(url)
        ? new Uri(url, $"/webhooks/zoho/crm/{channelId:N}")
        : null;

    // Zoho itself reaches nothing on this machine
    private bool IsReachable(Uri url) => url.IsLoopback ? providers.Value.SimulatorUrl is not null : url.Scheme == Uri.UriSchemeHttps;
}
