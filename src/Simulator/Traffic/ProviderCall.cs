using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.HubSpot;

namespace ZohoPlatform.Simulator.Traffic;

/// <summary>On an endpoint: what the counters call a call with this verb and path; null when it is none of the provider's.</summary>
internal sealed record Operation(Func<string, string, string?> Name)
{
    public Operation(string name)
        : this((_, _) => name)
    {
    }

    public Operation(Func<string, string?> name)
        : this((_, path) => name(path))
    {
    }
}

/// <summary>One call to a provider host: where it went, and, once the endpoint has looked at it, what it was and how it ended.</summary>
internal sealed class ProviderCall(string host, string path)
{
    public string Host { get; } = host;

    /// <summary>The path as the provider sees it, without the host that begins it here.</summary>
    public string Path { get; } = path;

    /// <summary>Null for a host that is not Zoho's.</summary>
    public DataCentre? KnownDataCentre { get; } = Hosts.DataCentre.OfHost(host)?.DataCentre;

    public bool IsHubSpot { get; } = HubSpotHosts.RoleOf(host) is not null;

    /// <summary>Whether the host is one of those that are played, or could be.</summary>
    public bool IsKnownHost => KnownDataCentre is not null || IsHubSpot;

    public DataCentre DataCentre => KnownDataCentre ?? throw new InvalidOperationException($"{Host} has no data centre.");

    /// <summary>What the counters call it, such as <c>token.refresh_token</c> or <c>listsubscribe</c>.</summary>
    public string? Operation { get; set; }

    /// <summary>How it ended, such as <c>success</c>, <c>invalid_code</c> or <c>2004</c>; the HTTP status when nobody says more.</summary>
    public string? Outcome { get; set; }

    /// <summary>Lets an endpoint take the call as a parameter.</summary>
    public static ValueTask<ProviderCall> BindAsync(HttpContext context) => ValueTask.FromResult(
        context.Features.Get<ProviderCall>()
        ?? throw new InvalidOperationException("The call has not come through the traffic middleware."));
}
